/// Reads that wait until it is certain that their leader still leads.
///
/// ```
///   taken ──own term's first entry committed──▶ indexed ──a later round answered by a majority──▶ answered
/// ```
/// A read's index is what is committed when it arrives, or when the term is opened if that comes later. A round is a
/// heartbeat to everyone; all reads that arrived since the last share one.
struct ReadQueue: Sendable {
    struct Waiting: Sendable {
        let context: ReadContext
        let asker: NodeID
        let index: LogIndex
        /// The first round that was begun after the read arrived.
        let round: UInt64
    }

    /// The newest round that was begun.
    private(set) var round: UInt64 = 0
    private var indexed: [Waiting] = []
    private var unopened: [(context: ReadContext, asker: NodeID)] = []

    var count: Int { indexed.count + unopened.count }
    var isEmpty: Bool { indexed.isEmpty && unopened.isEmpty }
    /// There are reads for which no round was begun yet.
    var needsRound: Bool { (indexed.last?.round ?? 0) > round }

    /// Takes a read. `commit` is nil as long as the leader has committed nothing of its own term.
    mutating func take(_ context: ReadContext, from asker: NodeID, commit: LogIndex?) {
        if let commit {
            indexed.append(Waiting(context: context, asker: asker, index: commit, round: round + 1))
        } else {
            unopened.append((context, asker))
        }
    }

    /// The leader has committed an entry of its term.
    mutating func opened(at commit: LogIndex) {
        for read in unopened {
            indexed.append(Waiting(context: read.context, asker: read.asker, index: commit, round: round + 1))
        }
        unopened.removeAll()
    }

    mutating func beginRound() -> UInt64 {
        round += 1
        return round
    }

    /// A majority has answered a round; returns the reads that waited for it.
    mutating func confirmed(_ round: UInt64) -> [Waiting] {
        let count = indexed.prefix { $0.round <= round }.count
        guard count > 0 else { return [] }
        let answered = Array(indexed[..<count])
        indexed.removeFirst(count)
        return answered
    }

    /// Leadership is lost: everything that waited.
    mutating func drain() -> [(context: ReadContext, asker: NodeID)] {
        let all = indexed.map { ($0.context, $0.asker) } + unopened
        indexed.removeAll()
        unopened.removeAll()
        return all
    }
}
