internal import TandemConsensus

/// A machine's disk, with the promises of the journal: writes become durable in their order, a transaction whole or not
/// at all, and what was reported stays. What was not reported may be there or not after a crash.
struct Disk {
    /// One statement of a transaction.
    enum Part {
        case restart(LogPoint)
        case truncation(LogIndex)
        case ballot(Ballot)
        case entries([LogEntry])
        case cut(LogIndex)
    }

    /// What is written together; a cut has no number, because nobody waits for it.
    struct Job {
        let number: UInt64?
        let parts: [Part]
    }

    /// The state as it was last synced.
    struct State {
        var point: LogPoint
        var membership: Membership
        var bytes: [UInt8]
    }

    /// Who the disk says the machine is.
    var identity: NodeID
    private(set) var ballot = Ballot()
    private(set) var origin: LogPoint = .beginning
    private(set) var originMembership: Membership
    private(set) var entries: [LogEntry] = []
    private(set) var state: State
    /// A snapshot that is arriving, as far as it is stored.
    var partial: PartialSnapshot?
    var partialBytes: [UInt8] = []
    /// The journal ends before what its mark says was acknowledged.
    private(set) var isShort = false
    /// What it acknowledged and forgot, because damage was found in front of it.
    private(set) var owed: OwedEntries?
    /// Of the snapshot that the log is about to begin behind, the state being ahead of it.
    private var beginning: Membership?
    /// Set when entries came that the journal would have refused.
    private(set) var disorder: String?
    var isFull = false
    var slowness = 1
    /// Takes nothing before this moment.
    var hungUntil: Moment = 0
    let forgetsVotes: Bool

    private(set) var waiting: [Job] = []
    private(set) var transaction: [Job] = []

    init(identity: NodeID, membership: Membership, state: Registers, forgetsVotes: Bool) {
        self.identity = identity
        self.forgetsVotes = forgetsVotes
        originMembership = membership
        self.state = State(point: .beginning, membership: membership, bytes: state.encoded)
    }

    var last: LogPoint { entries.last?.point ?? origin }

    /// Whether an entry is durable here, in the journal or in what the state contains.
    func holds(_ point: LogPoint) -> Bool {
        if point.index <= state.point.index || point.index <= origin.index { return true }
        guard point.index <= last.index else { return false }
        return entries[Int(point.index - origin.index) - 1].term == point.term
    }

    func read(from index: LogIndex, bytes: Int) -> [LogEntry] {
        guard index > origin.index, index <= last.index else { return [] }
        var taken: [LogEntry] = []
        var sum = 0
        for entry in entries[(Int(index - origin.index) - 1)...] {
            sum += entry.size
            if sum > bytes && !taken.isEmpty { break }
            taken.append(entry)
        }
        return taken
    }

    // MARK: Writing

    mutating func submit(_ write: RaftWrite) {
        var parts: [Part] = []
        if let restart = write.restart { parts.append(.restart(restart)) }
        if let truncation = write.truncation { parts.append(.truncation(truncation)) }
        if let ballot = write.ballot { parts.append(.ballot(ballot)) }
        if !write.entries.isEmpty { parts.append(.entries(write.entries)) }
        waiting.append(Job(number: write.number, parts: parts))
    }

    /// Cuts the journal, behind everything that waits.
    mutating func submitCut(to index: LogIndex) { waiting.append(Job(number: nil, parts: [.cut(index)])) }

    /// Begins a transaction with all that waits; false if there is nothing to do or one is under way.
    mutating func begin() -> Bool {
        guard transaction.isEmpty, !waiting.isEmpty else { return false }
        swap(&transaction, &waiting)
        return true
    }

    enum Outcome {
        /// All up to this number; nil if nobody waits.
        case durable(UInt64?)
        /// There was no room for entries; what came before them is durable.
        case full
    }

    mutating func commit() -> Outcome {
        let parts = transaction.flatMap(\.parts)
        let number = transaction.last { $0.number != nil }?.number
        transaction = []
        for part in parts {
            if isFull, case .entries = part { return .full }
            apply(part)
        }
        return .durable(number)
    }

    private mutating func apply(_ part: Part) {
        switch part {
        case .restart(let point):
            origin = point
            originMembership = beginning ?? state.membership
            beginning = nil
            entries = []
        case .truncation(let index):
            guard index > origin.index, index <= last.index else { return }
            entries.removeSubrange((Int(index - origin.index) - 1)...)
        case .ballot(let new):
            ballot = Ballot(term: new.term, vote: forgetsVotes ? nil : new.vote)
        case .entries(let new):
            for entry in new {
                if entry.index != last.index + 1 { disorder = "\(entry.point) is written behind \(last)" }
                entries.append(entry)
            }
        case .cut(let index): cut(to: index)
        }
    }

    /// The process ends. What was under way may have been committed, up to any point; what waited was not.
    mutating func crash(_ dice: inout Dice) {
        let parts = transaction.flatMap(\.parts)
        for part in parts.prefix(dice.number(below: parts.count + 1)) { apply(part) }
        transaction = []
        waiting = []
    }

    /// Writes that were not begun and all of one that failed are gone; the process goes on.
    mutating func drop() {
        transaction = []
        waiting = []
    }

    /// Loses acknowledged entries at the end, which the mark notices.
    mutating func loseTail(_ count: Int) {
        // What the synced state contains is safe.
        let kept = max(Int(max(state.point.index, origin.index) - origin.index), entries.count - count)
        guard kept < entries.count else { return }
        entries.removeSubrange(kept...)
        isShort = true
    }

    /// An entry has changed on the disk: it is forgotten with all behind it, which others have.
    ///
    /// - Parameter isKept: false for a mistake built in: that anything was lost is forgotten as well.
    mutating func rot(at index: LogIndex, isKept: Bool) {
        guard index > origin.index, index <= last.index else { return }
        let before = owed
        owed = OwedEntries(
            last: LogPoint(
                index: max(last.index, before?.last.index ?? 0), term: max(last.term, before?.last.term ?? .zero)),
            term: ballot.term)
        entries.removeSubrange((Int(index - origin.index) - 1)...)
        if !isKept { owed = nil }
    }

    /// Everything is there again.
    mutating func settle() { owed = nil }

    /// The log will begin behind a snapshot that the state contains already.
    mutating func begin(behind snapshot: Snapshot) { beginning = snapshot.membership }

    /// It said that it has an entry, and may have lost it since.
    func acknowledged(_ point: LogPoint) -> Bool { holds(point) || point.index <= owed?.last.index ?? 0 }

    /// Comes back as another, with what is left.
    mutating func reidentify(_ new: NodeID) {
        identity = new
        isShort = false
        owed = nil
        partial = nil
        partialBytes = []
    }

    /// A mistake built in: an entry that Raft did not ask for.
    mutating func forge(_ entry: LogEntry) { entries.append(entry) }

    // MARK: State

    mutating func checkpoint(_ new: State) {
        if new.point.index >= state.point.index { state = new }
    }

    /// Cuts the journal below what the state contains.
    private mutating func cut(to index: LogIndex) {
        let index = min(index, state.point.index, last.index)
        guard index > origin.index else { return }
        let count = Int(index - origin.index)
        for entry in entries[..<count] {
            if case .membership(let membership) = entry.content { originMembership = membership }
        }
        origin = entries[count - 1].point
        entries.removeSubrange(..<count)
    }

    /// What a starting node gathers.
    func recovery(limits: RaftLimits) -> RaftRecovery {
        var recovery = RaftRecovery(
            ballot: ballot, origin: origin, membership: originMembership, state: state.point,
            stateMembership: state.membership, owed: owed, limits: limits)
        for entry in entries { recovery.add(entry) }
        return recovery
    }
}
