package import TandemConsensus
internal import TandemCore

extension LogEntry: RaftValue {
    package func checkBounds() throws(WireError) { try content.checkBounds() }

    package func write(to writer: inout WireWriter) { writer.writeAll(index, term, content) }

    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(index: reader.readCounter(), term: reader.read(), content: reader.read())
    }
}

extension LogEntry.Content: RaftValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case opening = 0, command = 1, membership = 2
    }

    package func checkBounds() throws(WireError) {
        switch self {
        case .opening: break
        case .command(let bytes):
            guard bytes.count <= Limits.raftCommandBytesMax else { throw .tooLong(limit: Limits.raftCommandBytesMax) }
        case .membership(let membership): try membership.checkBounds()
        }
    }

    package func write(to writer: inout WireWriter) {
        switch self {
        case .opening: writer.writeTag(Tag.opening)
        case .command(let bytes):
            writer.writeTag(Tag.command)
            writer.writeOpaque(bytes)
        case .membership(let membership): writer.writeCase(Tag.membership, membership)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .opening: self = .opening
        case .command: self = .command(try reader.readOpaque(atMost: Limits.raftCommandBytesMax))
        case .membership: self = .membership(try reader.read())
        }
    }
}
