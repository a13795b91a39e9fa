package import TandemConsensus
internal import TandemCore

// Who, when and where: identities and checksums in eight bytes, what counts up from nought as LEB128.

extension WireReader {
    /// An index, a term, an offset or a round: a counter that no group reaches the end of.
    ///
    /// Whatever is added to it later cannot overflow; throws `badNumber` over `Limits.raftCounterMax`.
    mutating func readCounter() throws(WireError) -> UInt64 {
        let counter = try readVarint()
        guard counter <= Limits.raftCounterMax else { throw .badNumber }
        return counter
    }
}

extension NodeID: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeFixed(value) }
    package init(from reader: inout WireReader) throws(WireError) { try self.init(value: reader.readFixed64()) }
}

extension Term: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeVarint(value) }
    package init(from reader: inout WireReader) throws(WireError) { try self.init(reader.readCounter()) }
}

extension LogPoint: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeAll(index, term) }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(index: reader.readCounter(), term: reader.read())
    }
}

extension Ballot: RaftValue {
    package func write(to writer: inout WireWriter) { writer.writeAll(term, vote) }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(term: reader.read(), vote: reader.read())
    }
}

extension ReadContext: RaftValue {
    package func write(to writer: inout WireWriter) {
        writer.writeFixed(origin)
        writer.writeVarint(number)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(origin: reader.readFixed64(), number: reader.readVarint())
    }
}
