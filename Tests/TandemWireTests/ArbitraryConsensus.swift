import TandemConsensus
import TandemCore

@testable import TandemWire

/// Arbitrary values of consensus, within the bounds of the wire and within no others: terms fall, indexes jump,
/// learners are voters.
extension Arbitrary {
    /// The kinds of message, for tests that want some of each.
    static let messageKinds = 15

    mutating func counter() -> UInt64 { integer(UInt64.self) & Limits.raftCounterMax }
    mutating func term() -> Term { Term(counter()) }
    mutating func point() -> LogPoint { LogPoint(index: counter(), term: term()) }
    mutating func node() -> NodeID { NodeID(value: integer()) }
    mutating func ballot() -> Ballot { Ballot(term: term(), vote: optional { $0.node() }) }
    mutating func readContext() -> ReadContext { ReadContext(origin: integer(), number: integer()) }

    /// At most as many as the bound in all three lists together.
    mutating func membership() -> Membership {
        let each = Limits.raftMembersMax / 3
        return Membership(
            voters: nodes(below(each + 1)), outgoing: nodes(below(each + 1)), learners: nodes(below(each + 1)))
    }

    private mutating func nodes(_ count: Int) -> [NodeID] { (0..<count).map { _ in node() } }

    private mutating func opaque() -> [UInt8] {
        switch below(8) {
        case 0: []
        case 1: bytes(below(400))
        default: bytes(below(24))
        }
    }

    mutating func content() -> LogEntry.Content {
        switch below(3) {
        case 0: .opening
        case 1: .command(opaque())
        default: .membership(membership())
        }
    }

    mutating func logEntry() -> LogEntry { LogEntry(index: counter(), term: term(), content: content()) }

    mutating func snapshot() -> Snapshot {
        Snapshot(point: point(), membership: membership(), size: counter(), checksum: integer())
    }

    mutating func part() -> SnapshotPart {
        SnapshotPart(snapshot: snapshot(), offset: counter(), bytes: opaque(), checksum: integer())
    }

    mutating func partialSnapshot() -> PartialSnapshot { PartialSnapshot(snapshot: snapshot(), received: counter()) }

    mutating func raftMessage() -> RaftMessage { raftMessage(below(Self.messageKinds)) }

    mutating func raftMessage(_ kind: Int) -> RaftMessage {
        RaftMessage(from: node(), to: node(), term: term(), body: body(kind))
    }

    private mutating func candidacy() -> Candidacy { Candidacy(last: point(), isCalled: bool()) }

    private mutating func body(_ kind: Int) -> RaftMessage.Body {
        switch kind {
        case 0: .preVoteRequest(candidacy())
        case 1: .preVoteReply(isGranted: bool())
        case 2: .voteRequest(candidacy())
        case 3: .voteReply(isGranted: bool())
        case 4: .append(Append(previous: point(), entries: list { $0.logEntry() }, commit: counter()))
        case 5:
            .appendReply(
                bool() ? .accepted(match: counter()) : .rejected(previous: counter(), hint: point()))
        case 6: .heartbeat(commit: counter(), round: counter())
        case 7: .heartbeatReply(round: counter())
        case 8: .snapshot(part())
        case 9: .snapshotReply(SnapshotReply(point: point(), checksum: integer(), received: counter()))
        case 10: .campaignNow
        case 11: .readRequest(readContext())
        case 12: .readReply(readContext(), index: optional { $0.counter() })
        case 13: .outdated
        default: .removed(asOf: counter())
        }
    }
}
