package import TandemConsensus
internal import TandemCore

extension Membership: RaftValue {
    package func checkBounds() throws(WireError) {
        guard everyone.count <= Limits.raftMembersMax else { throw .tooLong(limit: Limits.raftMembersMax) }
    }

    package func write(to writer: inout WireWriter) { writer.writeAll(voters, outgoing, learners) }

    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            voters: Self.readSorted(from: &reader), outgoing: Self.readSorted(from: &reader),
            learners: Self.readSorted(from: &reader))
        try checkBounds()
    }

    /// The initialiser would sort them silently: the same membership would then have several spellings.
    private static func readSorted(from reader: inout WireReader) throws(WireError) -> [NodeID] {
        let ids: [NodeID] = try reader.readList(atMost: Limits.raftMembersMax)
        guard zip(ids, ids.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .badOrder }
        return ids
    }
}
