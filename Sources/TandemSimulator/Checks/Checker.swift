internal import TandemConsensus

/// What is known from outside of all nodes together, and what must follow from it.
///
/// Entries are compared where they are written, so every copy is seen; terms, votes and commits where they show.
struct Checker {
    private struct Known: Equatable {
        let content: UInt64
        let previous: Term
    }

    private var leaders: [Term: NodeID] = [:]
    private var votes: [Term: [NodeID: NodeID]] = [:]
    private var entries: [LogPoint: Known] = [:]
    /// The terms of the committed entries, by index less one.
    private(set) var committed: [Term] = []
    /// Digests of states by index, as the first to get there had them.
    private var digests: [LogIndex: UInt64] = [:]
    /// The index of each committed command's operation.
    private var places: [UInt64: LogIndex] = [:]
    /// Everything up to here has been seen by some client.
    private(set) var seen: LogIndex = 0

    var commit: LogIndex { LogIndex(committed.count) }

    // MARK: Elections

    mutating func led(_ node: NodeID, in term: Term) throws(Broken) {
        if let other = leaders[term], other != node {
            throw Broken(.electionSafety, "\(other) and \(node) both lead \(term)")
        }
        leaders[term] = node
    }

    /// Votes are counted where they are said: a granted one, and the candidate's own.
    mutating func sent(_ message: RaftMessage) throws(Broken) {
        switch message.body {
        case .voteReply(isGranted: true): try voted(message.from, for: message.to, in: message.term)
        case .voteRequest: try voted(message.from, for: message.from, in: message.term)
        case .preVoteRequest, .preVoteReply, .voteReply(isGranted: false), .append, .appendReply, .heartbeat,
            .heartbeatReply, .snapshot, .snapshotReply, .campaignNow, .readRequest, .readReply, .outdated, .removed:
            break
        }
    }

    private mutating func voted(_ voter: NodeID, for candidate: NodeID, in term: Term) throws(Broken) {
        if let other = votes[term]?[voter], other != candidate {
            throw Broken(.oneVote, "\(voter) voted in \(term) for \(other) and for \(candidate)")
        }
        votes[term, default: [:]][voter] = candidate
    }

    /// A leader holds everything that is committed, or is of an older term than what it lacks.
    func checkComplete(_ raft: Raft) throws(Broken) {
        guard let last = committed.last, last < raft.term else { return }
        let term = raft.term(at: commit)
        let isCut = commit < raft.origin.index
        if !isCut && term != last {
            throw Broken(
                .leaderCompleteness,
                "\(raft.id) leads \(raft.term) without \(LogPoint(index: commit, term: last)); it has \(raft.last)")
        }
    }

    // MARK: Entries

    mutating func wrote(_ entry: LogEntry, after previous: Term, by node: NodeID) throws(Broken) {
        let known = Known(content: Self.content(entry), previous: previous)
        if let other = entries[entry.point] {
            if other != known { throw Broken(.logMatching, "\(node) has another entry at \(entry.point)") }
        } else {
            entries[entry.point] = known
        }
    }

    private static func content(_ entry: LogEntry) -> UInt64 {
        switch entry.content {
        case .opening: return 1
        case .command(let bytes): return Fingerprint.of(bytes)
        case .membership(let membership):
            var fingerprint = Fingerprint()
            for list in [membership.voters, membership.outgoing, membership.learners] {
                fingerprint.add(UInt64(list.count))
                for id in list { fingerprint.add(id.value) }
            }
            return fingerprint.value
        }
    }

    /// A node says that an entry is committed. True if nobody said so before.
    mutating func committed(_ point: LogPoint, by node: NodeID) throws(Broken) -> Bool {
        if point.index <= commit {
            let known = committed[Int(point.index) - 1]
            if known != point.term {
                throw Broken(
                    .stateMachineSafety, "\(node) commits \(point), others \(LogPoint(index: point.index, term: known))"
                )
            }
            return false
        }
        guard point.index == commit + 1 else {
            throw Broken(.stateMachineSafety, "\(node) commits \(point) and nobody what is before it")
        }
        if let last = committed.last, point.term < last {
            throw Broken(.stateMachineSafety, "\(node) commits \(point) behind an entry of \(last)")
        }
        committed.append(point.term)
        return true
    }

    // MARK: State

    mutating func applied(_ entry: LogEntry, by node: NodeID, digest: UInt64) throws(Broken) {
        guard entry.index <= commit, committed[Int(entry.index) - 1] == entry.term else {
            throw Broken(.stateMachineSafety, "\(node) applies \(entry.point), which is not committed")
        }
        try compare(digest, at: entry.index, of: node)
        guard case .command(let bytes) = entry.content, let write = RegisterWrite(decoding: bytes) else { return }
        if let other = places[write.operation], other != entry.index {
            throw Broken(.atMostOnce, "operation \(write.operation) is applied at \(other) and \(entry.index)")
        }
        places[write.operation] = entry.index
    }

    mutating func compare(_ digest: UInt64, at index: LogIndex, of node: NodeID) throws(Broken) {
        if let other = digests[index], other != digest {
            throw Broken(.equalDigests, "the state of \(node) at \(index) differs from that of others")
        }
        digests[index] = digest
    }

    // MARK: Clients

    /// A write is acknowledged that was begun when everything up to `floor` had been seen.
    mutating func acknowledged(_ operation: UInt64, at index: LogIndex, floor: LogIndex) throws(Broken) {
        if index <= floor {
            throw Broken(.linearizability, "write \(operation) at \(index) began when \(floor) had been seen")
        }
        seen = max(seen, index)
    }

    /// A read is answered from a state that contains everything up to `index`.
    mutating func answered(_ operation: UInt64, at index: LogIndex, floor: LogIndex) throws(Broken) {
        if index < floor {
            throw Broken(.linearizability, "read \(operation) saw \(index) though \(floor) had been seen before it")
        }
        seen = max(seen, index)
    }
}

/// A property that does not hold, before it is known when.
struct Broken: Error {
    let property: Violation.Property
    let detail: String

    init(_ property: Violation.Property, _ detail: String) {
        self.property = property
        self.detail = detail
    }
}
