package import TandemCore

extension Answer: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(actor)
        writer.write(contact)
        writer.write(part)
        writer.write(sequence)
        writer.write(version)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            actor: reader.read(), contact: reader.read(), part: reader.read(), sequence: reader.read(),
            version: reader.read())
    }
}
