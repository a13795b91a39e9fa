/// What a node is in its term.
///
/// ```
///              time-out              majority would            majority did
///   follower ───────────▶ preCandidate ─────────▶ candidate ─────────▶ leader
///      ▲  └── called by the leader ─────────────────▲                     │
///      └─── a leader or a newer term is heard of, no majority heard, ─────┘
///           the disk stalls, no longer a voter
/// ```
/// A learner is a follower that the membership gives no vote; it never stands.
enum Role: Sendable {
    case follower(Follower)
    case preCandidate(Canvass)
    case candidate(Canvass)
    case leader(Leader)
}

/// Ticks until something is done.
struct Countdown: Sendable {
    var elapsed = 0
    var timeout: Int

    var isOver: Bool { elapsed >= timeout }
}

struct Follower: Sendable {
    /// Who leads this term, if known and not lost.
    var leader: NodeID?
    var countdown: Countdown
    /// Up to here the log is known to be the leader's. Within a term it only grows, because the leader only appends.
    var matched: LogIndex
    /// The highest match the leader was told.
    var acknowledged: LogIndex = 0
    /// The leader waits for an answer, or more has become durable.
    var owesReply = false
    /// The leader has to find out what this node holds, and is answered before that is durable.
    var isAsked = true
}

/// An election, or the question whether one could be won.
struct Canvass: Sendable {
    var countdown: Countdown
    let isCalled: Bool
    private(set) var answers: [(voter: NodeID, isGranted: Bool)] = []

    init(countdown: Countdown, isCalled: Bool) {
        self.countdown = countdown
        self.isCalled = isCalled
    }

    /// The first answer of a voter counts.
    mutating func record(_ voter: NodeID, isGranted: Bool) {
        if answer(of: voter) == nil { answers.append((voter, isGranted)) }
    }

    func answer(of voter: NodeID) -> Bool? { answers.first { $0.voter == voter }?.isGranted }
}
