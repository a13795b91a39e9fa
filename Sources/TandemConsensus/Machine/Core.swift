/// What a node has whatever its role: ballot, log, membership, and what it is about to say and to do.
struct Core: Sendable {
    struct Held: Sendable {
        /// The write that has to be durable before the message may go.
        let write: UInt64
        let message: RaftMessage
    }

    let id: NodeID
    let limits: RaftLimits
    private(set) var ballot: Ballot
    var log: RaftLog
    var members: MembershipHistory
    var disk = DiskLedger()
    /// This identity has forgotten what it promised: it says and hears nothing more.
    var isForgetful = false
    /// What it acknowledged and has to get back before it stands.
    private(set) var owed: OwedEntries?
    /// Somebody said that the membership at this index does not name this node.
    var removedAsOf: LogIndex?
    /// Others should lead: this node stands only when nobody else has stood for some time-outs.
    var isReluctant = false
    private var timeoutsLetPass = 0
    /// It must not lead: its state is wrong, though its log is as good as anybody's.
    var isUnfit = false
    /// The journal takes no entries, only ballots and cuts.
    var isDiskFull = false
    /// A snapshot that is arriving.
    var arriving: ArrivingSnapshot?
    /// The snapshot that followers are offered.
    var snapshot: Snapshot?
    var isMakingSnapshot = false
    /// The last entries of the batches that are being applied.
    var applying: [LogIndex] = []
    var isFetchingForState = false
    /// Entries fetched to be applied.
    var fetchedForState: [LogEntry] = []
    /// Collected for the next `Ready`, which takes everything but its write and what is to be applied.
    var out = Ready()
    private var held: [Held] = []
    private var chance: Chance
    /// Counted from the start whatever the role: a node's groups, which tick together, beat together.
    var ticks: UInt64 = 0

    init(id: NodeID, recovery: RaftRecovery, limits: RaftLimits, seed: UInt64) {
        self.id = id
        self.limits = limits
        ballot = recovery.ballot
        log = recovery.log
        members = recovery.members
        owed = recovery.owed
        chance = Chance(seed: seed)
        if recovery.mustRestart { disk.restart(at: log.origin) }
        if recovery.isBallotNew { disk.ballotChanged() }
    }

    var membership: Membership { members.current }

    /// The membership in effect can no longer be taken back.
    var isMembershipCommitted: Bool { members.currentIndex <= log.commit }

    var isSoleVoter: Bool { membership.voters == [id] && !membership.isJoint }
    var isDiskStalled: Bool { disk.silentTicks >= limits.diskStallTicks }

    /// A voter; or one no longer, as long as that is not committed: it may hold the entry that says so, and without it
    /// nobody could be elected to commit it (Ongaro's thesis, 4.2.2).
    private var isElectable: Bool {
        membership.isVoter(id) || !isMembershipCommitted && members.previous?.isVoter(id) == true
    }

    /// May ask for votes: electable, and able to keep a promise.
    var isEligible: Bool {
        isElectable && !isForgetful && owed == nil && removedAsOf == nil && !isDiskStalled && !isDiskFull && !isUnfit
            && arriving?.isInstalling != true
    }

    /// Whether a node that looks for a leader stands now, or lets others go first: a reluctant one some time-outs long.
    mutating func takesTurn() -> Bool {
        guard isReluctant, !isSoleVoter else { return true }
        timeoutsLetPass += 1
        return timeoutsLetPass > limits.reluctantTimeouts
    }

    /// There is a leader: others go first again.
    mutating func heardLeader() { timeoutsLetPass = 0 }

    mutating func drawElection() -> Countdown {
        Countdown(timeout: limits.electionTicks + chance.number(below: limits.electionTicks))
    }

    /// Ticks to wait when the leader is most likely dead. Who is left stands one after the other, so that no two split the
    /// votes; who is first follows from the term, so that one node's groups do not all go to the same heir.
    func quickElectionTicks(after leader: NodeID) -> Int {
        let heirs = membership.voters.filter { $0 != leader }
        guard let place = heirs.firstIndex(of: id) else { return limits.electionTicks }
        let turn = (place + Int(ballot.term.value % UInt64(heirs.count))) % heirs.count
        return limits.noticeTicks + turn * limits.quickElectionTicks
    }

    // MARK: Saying

    /// Says something that promises nothing.
    mutating func send(_ body: RaftMessage.Body, to peer: NodeID, term: Term? = nil) {
        out.messages.append(RaftMessage(from: id, to: peer, term: term ?? ballot.term, body: body))
    }

    /// Says something once the ballot, and with it all that was written before it, is durable.
    mutating func hold(_ body: RaftMessage.Body, to peer: NodeID) {
        if disk.isBallotDurable {
            send(body, to: peer)
        } else {
            let message = RaftMessage(from: id, to: peer, term: ballot.term, body: body)
            held.append(Held(write: disk.ballotWrite, message: message))
        }
    }

    mutating func releaseHeld() {
        guard !held.isEmpty else { return }
        let durable = disk.durable
        for one in held where one.write <= durable { out.messages.append(one.message) }
        held.removeAll { $0.write <= durable }
    }

    // MARK: Ballot

    mutating func enter(_ term: Term, vote: NodeID? = nil) {
        precondition(term > ballot.term, "terms only grow")
        ballot = Ballot(term: term, vote: vote)
        disk.ballotChanged()
        held.removeAll()
    }

    mutating func vote(for candidate: NodeID) {
        precondition(ballot.vote == nil || ballot.vote == candidate, "one vote per term")
        guard ballot.vote == nil else { return }
        ballot.vote = candidate
        disk.ballotChanged()
    }

    // MARK: Log

    mutating func append(_ entry: LogEntry) {
        log.append(entry)
        guard case .membership(let membership) = entry.content else { return }
        members.append(membership, at: entry.index)
        if membership.contains(id) { removedAsOf = nil }
    }

    /// Who has less than this gets no vote.
    var lastAcknowledged: LogPoint { owed.map { max($0.last, log.last) } ?? log.last }

    /// Looks whether everything that is owed is durable here again.
    mutating func settle() {
        guard let owed, let term = log.term(at: log.durable),
            owed.isSettled(by: LogPoint(index: log.durable, term: term))
        else { return }
        self.owed = nil
        out.isSettled = true
    }

    mutating func truncate(from index: LogIndex) {
        disk.truncate(from: index, written: log.written)
        log.truncate(from: index)
        _ = members.truncate(from: index)
    }

    mutating func restart(at snapshot: Snapshot) {
        log.restart(at: snapshot.point)
        members = MembershipHistory(snapshot.membership, at: snapshot.point.index)
        if snapshot.membership.contains(id) { removedAsOf = nil }
        disk.restart(at: snapshot.point)
        applying.removeAll()
        fetchedForState.removeAll()
        isFetchingForState = false
    }

    // MARK: Handing out

    mutating func takeWrite() -> RaftWrite? {
        let hasEntries = log.written < log.last.index
        guard hasEntries || disk.isBallotUnwritten || disk.truncation != nil || disk.restart != nil else { return nil }
        let entries = hasEntries ? log.batch(from: log.written + 1, bytes: .max, count: .max).entries : []
        let restart = disk.restart
        let truncation = disk.truncation
        let ballot = disk.isBallotUnwritten ? ballot : nil
        let number = disk.issue(last: log.last.index)
        log.wrote(upTo: log.last.index)
        return RaftWrite(number: number, restart: restart, truncation: truncation, ballot: ballot, entries: entries)
    }

    mutating func takeApply() -> [LogEntry] {
        let end = min(log.commit, log.durable)
        guard log.handed < end, arriving?.isInstalling != true, applying.count < limits.applyBatches else { return [] }
        let next = log.handed + 1
        var entries: [LogEntry] = []
        if !fetchedForState.isEmpty {
            entries = fetchedForState.filter { $0.index >= next && $0.index <= end }
            fetchedForState.removeAll()
        } else if next >= log.recent.first {
            entries = Array(log.recent.slice(from: next, before: end + 1, bytes: limits.applyBytes))
        } else if !isFetchingForState {
            isFetchingForState = true
            out.fetches.append(LogFetch(reader: .stateMachine, from: next, maximumBytes: limits.fetchBytes))
        }
        if let last = entries.last {
            log.handedOut(upTo: last.index)
            applying.append(last.index)
            log.evict(over: limits.cachedBytes, waiting: limits.waitingBytes)
        }
        return entries
    }

    /// Takes what the journal gave for the state machine, as far as it is what the log says it is.
    mutating func fetchedForState(_ entries: [LogEntry]) {
        isFetchingForState = false
        guard let first = entries.first, first.index == log.handed + 1, isOurs(entries) else { return }
        fetchedForState = entries
    }

    /// The entries are consecutive and the log's own.
    func isOurs(_ entries: [LogEntry]) -> Bool {
        var expected = entries.first?.index
        for entry in entries {
            guard entry.index == expected, log.term(at: entry.index) == entry.term else { return false }
            expected = entry.index + 1
        }
        return true
    }

    mutating func applied(upTo index: LogIndex) {
        log.wasApplied(upTo: index)
        applying.removeAll { $0 <= index }
    }
}
