internal import TandemConsensus
internal import TandemJournal
internal import TandemWire

// From the journal to Raft, at the start and after a write that failed.

extension Replica {
    /// Bytes read at once.
    private static let recoveryBytes = 4 << 20

    /// Raft as the journal has it, with everything up to `applied` in the state.
    func recovered(from applied: LogPoint) throws(JournalError) -> Raft {
        var hard = log.hardState(partition)
        // A node alone of before there were groups: it led term 1 for good and voted for nobody.
        if hard.term == 0, log.lastTerm(partition) == 1 { hard.term = 1 }
        let origin = LogPoint(index: log.firstIndex(partition) - 1, term: Term(log.cutTerm(partition)))
        let owed = log.owed(partition)
        let known = reached(applied)
        let state = known.index > origin.index ? known : origin
        let installed = KeptMembership.installed(log, partition)
        let membership = KeptMembership.newest(log, partition, upTo: state.index) ?? founders
        var recovery = RaftRecovery(
            ballot: Ballot(term: Term(hard.term), vote: hard.votedFor.map { NodeID(value: $0) }), origin: origin,
            membership: membership, state: state,
            stateMembership: installed?.point == state ? installed?.membership ?? membership : membership,
            owed: owed.map {
                OwedEntries(last: LogPoint(index: $0.last, term: Term($0.lastTerm)), term: Term($0.term))
            }, limits: limits)
        var next = origin.index + 1
        while true {
            let entries = try durable(from: next, maximumBytes: Self.recoveryBytes)
            guard let last = entries.last?.index else { break }
            for entry in entries { recovery.add(entry) }
            next = last + 1
        }
        guard !recovery.isBallotLost else {
            throw .failed(cause: "partition \(partition) has entries of a term that its ballot does not know")
        }
        return Raft(
            id: id, recovery: recovery, limits: limits, partial: snapshots.partial(of: partition),
            seed: seed ^ UInt64(partition) << 32 ^ generation)
    }

    /// Durable entries from an index on; empty beyond the last.
    func durable(from index: LogIndex, maximumBytes: Int) throws(JournalError) -> [LogEntry] {
        guard index <= log.lastIndex(partition) else { return [] }
        return try log.read(partition: partition, from: index, maximumBytes: maximumBytes).map {
            entry throws(JournalError) in
            do throws(WireError) {
                return LogEntry(
                    index: entry.index, term: Term(entry.term),
                    content: try LogEntry.Content(journaled: entry.bytes))
            } catch {
                throw .failed(cause: "entry \(entry.index) of partition \(partition) cannot be read: \(error)")
            }
        }
    }
}
