internal import TandemConsensus
package import TandemJournal

// A log in which an entry was found damaged. What is behind it is forgotten with it, and comes back from whoever leads:
//
// ```
// damaged ── forget ──▶ owing ── all that was acknowledged is durable again ──▶ whole
// ```
// While it owes it does not stand (`OwedEntries`). The machine's state stays as it is, ahead of the log: it is
// told again what it has, and passes that over.

/// What operators must hear of a damaged log.
package enum JournalDamage: Sendable, CustomStringConvertible {
    /// So much was forgotten, and comes back from others.
    case owed(ClosedRange<UInt64>, why: String)
    /// Everything is there again.
    case healed(upTo: UInt64)
    /// There is nobody who could have it.
    case hopeless(JournalFinding)

    package var description: String {
        switch self {
        case .owed(let lost, let why):
            """
            its journal is damaged (\(why)): entries \(lost.lowerBound) to \(lost.upperBound) are fetched from the others; \
            until they are here this node does not lead it
            """
        case .healed(let last):
            "its journal is whole again up to entry \(last): what was damaged came back from the others"
        case .hopeless(let finding):
            """
            its journal is damaged (\(finding)), and no other node has what is lost: stop it and restore its directory \
            from a backup
            """
        }
    }
}

extension Replica {
    /// The state as Raft is told of it: what the log has forgotten it gets, and hands over, once more.
    func reached(_ applied: LogPoint) -> LogPoint {
        guard log.owed(partition) != nil, applied.index >= log.lastIndex(partition) else { return applied }
        return LogPoint(index: log.lastIndex(partition), term: Term(log.lastTerm(partition)))
    }

    /// Before Raft says anything.
    func beginBehindDamage() {
        ahead = max(ahead, handed.index)
        handed = reached(handed)
        applied = handed.index
    }

    /// An entry turned out to be damaged while this node was at work.
    func forget(_ finding: JournalFinding) {
        // Whoever found it may have read before it was forgotten.
        guard let raft, canForget(finding, from: raft.origin.index + 1, raft.membership) else { return }
        generation += 1
        self.raft = nil
        giveUpReads()
        stepDown()
        submitForgetting(finding)
    }

    /// Raft was to begin anew from the log, which cannot be read.
    func notRebuilt(_ error: JournalError) {
        isRebuilding = false
        if case .damaged(let finding) = error, forgetUnread(finding) { return }
        if case .unreadable = error {
            rebuildingPause = Self.pauseTicks
            return
        }
        failure = error
        stepDown(.journalFailed)
    }

    /// It turned out when Raft was to begin anew from the log.
    ///
    /// - Returns: whether it can be forgotten.
    private func forgetUnread(_ finding: JournalFinding) -> Bool {
        guard canForget(finding, from: log.firstIndex(partition), membership) else { return false }
        submitForgetting(finding)
        return true
    }

    /// Whether the log, which begins at `first`, has the entry, and others have votes: a learner's copy does not help, as it
    /// cannot be elected, and this node would not stand any more.
    private func canForget(_ finding: JournalFinding, from first: LogIndex, _ known: Membership) -> Bool {
        guard let damaged = finding.indexes?.lowerBound, finding.partition == partition, failure == nil, !isStopped,
            damaged >= first, damaged <= log.lastIndex(partition)
        else { return false }
        let others = (known.voters + known.outgoing).filter { $0 != id }
        if others.isEmpty { damage(.hopeless(finding)) }
        return !others.isEmpty
    }

    /// Between two tries, in ticks: a second.
    static let pauseTicks = 100

    private func submitForgetting(_ finding: JournalFinding) {
        guard let first = finding.indexes?.lowerBound else { return }
        unforgotten = finding
        forgettingPause = 0
        writesUnderWay += 1
        log.submit(.forget(partition: partition, from: first)) { [self] result in
            switch result {
            case .success: bring(.forgotten(finding, nil))
            case .failure(let error): bring(.forgotten(finding, error))
            }
        }
    }

    func forgotten(_ finding: JournalFinding, _ error: JournalError?) {
        writesUnderWay -= 1
        guard !isStopped, let first = finding.indexes?.lowerBound else { return }
        switch error {
        case nil:
            unforgotten = nil
            damage(.owed(first...(log.owed(partition)?.last ?? first), why: "\(finding)"))
        // The journal has no room for the segment that it takes: the disk is full, or it is slow.
        case .busy, .diskFull: forgettingPause = Self.pauseTicks
        // It went with a truncation or a cut that was under way: there is nothing to forget any more.
        case .outOfRange: unforgotten = nil
        // Nor can the one before it be read, which the log would end with: then it goes as well.
        case .damaged(let earlier) where earlier.partition == partition && earlier.indexes?.lowerBound ?? first < first:
            submitForgetting(earlier)
        case .some(let error):
            unforgotten = nil
            fail(error)
        }
        rebuildIfQuiet()
    }

    /// A log that could not be read for the moment is read again.
    func tickRebuilding() {
        guard rebuildingPause > 0 else { return }
        rebuildingPause -= 1
        rebuildIfQuiet()
    }

    func tickForgetting() {
        guard let unforgotten, forgettingPause > 0 else { return }
        forgettingPause -= 1
        if forgettingPause == 0, failure == nil { submitForgetting(unforgotten) }
    }

    /// All that was forgotten is durable here again.
    func endOwing() {
        guard let owed = log.owed(partition) else { return }
        log.submit(.settled(partition: partition)) { [self] result in
            // Else the next start finds out anew.
            if case .success = result { damage(.healed(upTo: owed.last)) }
        }
    }
}
