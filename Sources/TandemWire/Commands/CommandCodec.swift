package import TandemCore

/// The bytes of one command on its way to the partition that owns it: a version byte and the command.
package enum CommandCodec {
    package static func encode(_ command: Command, in format: UInt8) -> [UInt8] {
        var writer = WireWriter()
        write(command, in: format, to: &writer)
        return writer.bytes
    }

    package static func write(_ command: Command, in format: UInt8, to writer: inout WireWriter) {
        writer.begin(format)
        writer.write(command)
    }

    /// - Throws: `WireError` unless `bytes` are one whole command.
    package static func decode(_ bytes: [UInt8]) throws(WireError) -> Command {
        try WireReader.readAll(bytes) { reader throws(WireError) in
            try WireVersion.check(&reader)
            return try reader.read()
        }
    }
}
