import TandemConsensus

@testable import TandemWire

/// One value of consensus of each kind, by the name of its line in `Tests/Compatibility`. They never change.
struct RaftSample: Sendable {
    let name: String
    /// As it is written today, in a format.
    let encode: @Sendable (UInt8) throws -> [UInt8]
    /// Whether the bytes are read as this value.
    let isRead: @Sendable ([UInt8]) throws -> Bool

    private init<Value: RaftValue & Equatable>(_ name: String, _ value: Value) {
        self.name = name
        encode = { try RaftCodec.encode(value, in: $0) }
        isRead = { try RaftCodec.decode(Value.self, $0) == value }
    }

    private static let one = NodeID(1)
    private static let two = NodeID(2, incarnation: 7)
    private static let point = LogPoint(index: 300, term: Term(5))
    private static let context = ReadContext(origin: 0x0102_0304_0506_0708, number: 129)
    private static let membership = Membership(
        voters: [one, two, NodeID(3)], outgoing: [one, NodeID(4)], learners: [NodeID(4), NodeID(5, incarnation: 1)])
    private static let candidacy = Candidacy(last: point, isCalled: true)
    private static let entries = [
        LogEntry(index: 301, term: Term(5), content: .command([0xde, 0xad, 0xbe, 0xef])),
        LogEntry(index: 302, term: Term(6), content: .opening),
        LogEntry(index: 303, term: Term(6), content: .membership(membership)),
    ]
    private static let snapshot = Snapshot(
        point: point, membership: membership, size: 1_048_580, checksum: 0x1122_3344_5566_7788)
    private static let part = SnapshotPart(
        snapshot: snapshot, offset: 1_048_576, bytes: [1, 2, 3, 4], checksum: 0x99aa_bbcc_ddee_ff00)

    private static let bodies: [(String, RaftMessage.Body)] = [
        ("preVoteRequest", .preVoteRequest(candidacy)), ("preVoteReply", .preVoteReply(isGranted: true)),
        ("voteRequest", .voteRequest(candidacy)), ("voteReply", .voteReply(isGranted: true)),
        ("append", .append(Append(previous: point, entries: entries, commit: 299))),
        ("accepted", .appendReply(.accepted(match: 303))),
        ("rejected", .appendReply(.rejected(previous: 303, hint: point))),
        ("heartbeat", .heartbeat(commit: 299, round: 17)), ("heartbeatReply", .heartbeatReply(round: 17)),
        ("snapshot", .snapshot(part)),
        ("snapshotReply", .snapshotReply(SnapshotReply(point: point, checksum: 77, received: 1_048_576))),
        ("campaignNow", .campaignNow), ("readRequest", .readRequest(context)),
        ("readReply", .readReply(context, index: 303)), ("readRefused", .readReply(context, index: nil)),
        ("outdated", .outdated), ("removed", .removed(asOf: 303)),
    ]

    static let all: [RaftSample] =
        bodies.map {
            RaftSample("raftMessage \($0)", RaftMessage(from: one, to: two, term: Term(6), body: $1))
        }
        + zip(["command", "opening", "membership"], entries).map { RaftSample("logEntry \($0)", $1) }
        + [
            RaftSample("raft content", entries[0].content), RaftSample("raft membership", membership),
            RaftSample("raft ballot", Ballot(term: Term(6), vote: two)), RaftSample("raft snapshot", snapshot),
            RaftSample("raft snapshotPart", part),
            RaftSample("raft partialSnapshot", PartialSnapshot(snapshot: snapshot, received: 4_096)),
            RaftSample("raft readContext", context),
        ]
}
