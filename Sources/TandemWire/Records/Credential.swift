package import TandemCore

extension Credential.State: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case absent = 0, valid = 1, revoked = 2
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .absent: writer.writeTag(Tag.absent)
        case .valid(let spec): writer.writeCase(Tag.valid, spec)
        case .revoked(let spec, let at): writer.writeCase(Tag.revoked, spec, at)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .absent: self = .absent
        case .valid: self = .valid(try reader.read())
        case .revoked: self = try .revoked(reader.read(), at: reader.read())
        }
    }
}

extension Credential: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(state)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(id: reader.read(), state: reader.read())
    }
}
