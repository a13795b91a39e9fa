/// What a leader knows of one member, itself included.
///
/// ```
///   probe ──accepted──▶ replicate ──rejected, connection lost──▶ probe
///     └── what it needs was cut ──▶ snapshot ──accepted──▶ replicate
/// ```
struct Progress: Sendable {
    enum State: Sendable {
        /// Where the logs agree is being found out; one append at a time, the next after an answer or a heartbeat's.
        case probe(Probe)
        /// Appends are sent without waiting, within the bounds of `inFlight`.
        case replicate
        case snapshot(SnapshotTransfer)
    }

    struct Probe: Sendable {
        var isWaiting = false
        /// The last entry, and the bytes, of the append that was sent along.
        var end: LogIndex = 0
        var bytes = 0
    }

    /// Entries for it that memory does not hold any more.
    enum Fetch: Sendable, Equatable {
        case none
        /// They were asked for from this one on, and the answer has not come yet; it always does. Nothing else is asked for
        /// meanwhile, whatever becomes of the member: a journal that is slow would only be asked more.
        case underWay(from: LogIndex)
        /// They could not be read. The next heartbeat looks again.
        case inVain
    }

    /// In which sets of voters the member counts.
    struct Votes: OptionSet, Sendable {
        let rawValue: UInt8
        static let voters = Votes(rawValue: 1)
        static let outgoing = Votes(rawValue: 2)
    }

    let id: NodeID
    var votes: Votes
    var state: State
    /// Durable there, and the same as here, up to this index. For the leader itself: what is durable here.
    var match: LogIndex = 0
    /// What it has acknowledged to this leader, though it may lack it now.
    private(set) var acknowledged: LogIndex = 0
    /// It has said that it lacks some of that. Who knows that it owes it answers to being told how much it was; who does
    /// not, as its disk is an older copy, is silent from then on. Until it answers it is sent nothing else.
    var isDoubted = false
    /// The next entry to send; always behind `match`.
    var next: LogIndex
    /// The latest commit the member was told.
    var toldCommit: LogIndex = 0
    /// The latest round of heartbeats it has answered.
    var round: UInt64 = 0
    /// Ticks since it was heard.
    var silentTicks = 0
    var fetch = Fetch.none
    /// Ticks since something sent was acknowledged.
    var quietTicks = 0
    /// Belongs to `replicate`; kept out of it so that it is changed in place.
    var inFlight: InFlight

    init(id: NodeID, votes: Votes, next: LogIndex, limits: RaftLimits) {
        self.id = id
        self.votes = votes
        self.next = next
        state = .probe(Probe())
        inFlight = InFlight(messages: limits.inFlightMessages, bytes: limits.inFlightBytes)
    }

    /// Goes back to finding out, from behind what is certain.
    mutating func probe(from next: LogIndex) {
        self.next = max(next, match + 1)
        state = .probe(Probe())
        inFlight.removeAll()
        quietTicks = 0
    }

    /// An answer says that everything up to `index` is there; true if that is news.
    mutating func accepted(_ index: LogIndex, origin: LogIndex) -> Bool {
        let isNews = index > match
        if isNews {
            match = index
            acknowledged = max(acknowledged, index)
            next = max(next, index + 1)
            inFlight.free(upTo: index)
            quietTicks = 0
        }
        switch state {
        case .replicate: break
        case .probe(let probe): replicate(behind: probe)
        case .snapshot: if match >= origin { replicate(behind: Probe()) }
        }
        return isNews
    }

    /// Goes on behind what was sent to find out. Should the answer have been to something older, the next append is
    /// rejected, and nothing is lost but time.
    private mutating func replicate(behind probe: Probe) {
        state = .replicate
        inFlight.removeAll()
        guard probe.end >= next else { return }
        next = probe.end + 1
        inFlight.add(end: probe.end, bytes: probe.bytes)
    }

    /// May be asked again: an answer may have been lost.
    mutating func askAgain() {
        if case .probe = state { state = .probe(Probe()) }
    }

    /// An answer says that the point before an append is not there, but the logs may agree at `hint`, where this one's
    /// terms are known. It may be late: then the next one says so.
    mutating func rejected(previous: LogIndex, hint: LogIndex) {
        switch state {
        case .replicate:
            // An answer to what has been overtaken says nothing. What is acknowledged may be far behind what is there, and
            // cut: the hint is not.
            guard previous > match || previous == match && hint < match else { return }
            goBack(from: previous, to: hint)
            probe(from: hint + 1)
        case .probe:
            guard previous + 1 == next else { return }
            goBack(from: previous, to: hint)
            probe(from: min(previous, hint + 1))
        case .snapshot: return  // Late: it is being sent everything.
        }
        isDoubted = hint < acknowledged
    }

    /// The member lacks what it acknowledged: its disk lost that, and it says so. Counting less is always safe; so it does
    /// no harm if this was said before it had acknowledged so much, and comes late.
    private mutating func goBack(from previous: LogIndex, to hint: LogIndex) {
        let agreed = min(hint, previous - min(previous, 1))
        guard agreed < match else { return }
        match = agreed
        toldCommit = min(toldCommit, agreed)
    }
}

/// A snapshot on its way to one member.
struct SnapshotTransfer: Sendable {
    enum Phase: Sendable, Equatable {
        /// There is none yet.
        case making
        /// The member was sent an offer or a part and has not answered.
        case asked
        /// The next part is being read.
        case reading
    }

    var phase: Phase
    var snapshot: Snapshot?
    /// How much of it the member has stored.
    var received: UInt64 = 0
    var silentTicks = 0
}
