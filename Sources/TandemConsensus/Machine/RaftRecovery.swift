/// What a node still knows when it starts: gathered from the journal and the applied state, entry by entry, so that a
/// long log needs little memory.
package struct RaftRecovery: Sendable {
    package private(set) var ballot: Ballot
    private(set) var log: RaftLog
    private(set) var members: MembershipHistory
    /// The state contains an entry that the journal does not: the journal is to begin anew.
    private(set) var mustRestart = false
    /// The ballot has to be written.
    private(set) var isBallotNew = false
    private var newestEntryTerm: Term = .zero
    private var state: LogPoint
    /// Entries that were acknowledged, and forgotten because of damage in front of them.
    let owed: OwedEntries?
    private let stateMembership: Membership
    private let limits: RaftLimits

    /// - Parameters:
    ///   - origin: the entry before the first one the journal holds, and the membership at it.
    ///   - state: the last entry that the applied state contains, and the membership after it. Not before the origin.
    ///   - owed: what the journal has forgotten. The state may then be ahead of it: it is told again what it has.
    package init(
        ballot: Ballot, origin: LogPoint, membership: Membership, state: LogPoint, stateMembership: Membership,
        owed: OwedEntries? = nil, limits: RaftLimits
    ) {
        precondition(state.index >= origin.index, "the journal is cut only below what the state contains")
        self.ballot = ballot
        self.state = state
        self.stateMembership = stateMembership
        self.owed = owed
        self.limits = limits
        log = RaftLog(origin: origin, applied: origin.index)
        members = MembershipHistory(membership, at: origin.index)
    }

    /// A node that begins: a founding member with the others, or one that will be admitted, with `.none`.
    package init(membership: Membership, limits: RaftLimits) {
        self.init(
            ballot: Ballot(), origin: .beginning, membership: membership, state: .beginning,
            stateMembership: membership, limits: limits)
    }

    /// Takes up the next entry of the journal.
    package mutating func add(_ entry: LogEntry) {
        newestEntryTerm = max(newestEntryTerm, entry.term)
        log.append(entry)
        log.wrote(upTo: entry.index)
        log.becameDurable(upTo: entry.index)
        if case .membership(let membership) = entry.content { members.append(membership, at: entry.index) }
        // Entries behind the state may be uncommitted, but the newest ones suffice.
        log.forget(over: limits.cachedBytes)
    }

    /// The journal holds entries of a term that the ballot does not know: the ballot was lost, and a vote perhaps with
    /// it. Such a node must not start; it comes back as another identity.
    package var isBallotLost: Bool { ballot.term < newestEntryTerm }

    /// All entries were added.
    mutating func finish() {
        precondition(!isBallotLost, "who may have forgotten a vote does not come back as who it was")
        // The entries in front of what the state has are wanted back, for the others' sake: the log is not begun anew.
        if owed != nil, state.index > log.last.index { state = log.last }
        if log.contains(state) {
            log.resume(at: state.index)
        } else {
            log.restart(at: state)
            members = MembershipHistory(stateMembership, at: state.index)
            mustRestart = true
        }
        // A snapshot of a newer term may be the state before that term is in the ballot. Nothing was said in it yet, as
        // everything waits for the ballot; so the node takes it without a vote.
        if ballot.term < log.last.term {
            ballot = Ballot(term: log.last.term)
            isBallotNew = true
        }
    }
}
