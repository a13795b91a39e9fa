internal import TandemConsensus

/// Reads that wait to hear up to where they have to see, in the order in which they were asked.
///
/// The question or its answer may be lost on the way: what waits too long is handed back to be asked anew.
struct ReadRequests {
    typealias Answer = @Sendable (LogIndex?) -> Void

    struct Request {
        let answer: Answer
        /// The tick at which it was asked, and how often it was by then.
        let tick: UInt64
        let attempt: Int
    }

    private var waiting: [UInt64: Request] = [:]
    /// No earlier number waits.
    private var oldest: UInt64 = 1
    private var newest: UInt64 = 0
    private var now: UInt64 = 0

    /// - Returns: its number, which no other read of this life of the node has.
    mutating func add(_ answer: @escaping Answer, attempt: Int) -> UInt64 {
        newest += 1
        waiting[newest] = Request(answer: answer, tick: now, attempt: attempt)
        return newest
    }

    /// Takes the one that is answered; nil if it does not wait any more.
    mutating func take(_ number: UInt64) -> Request? { waiting.removeValue(forKey: number) }

    /// A tick has passed; takes those that have waited for so many.
    mutating func tick(patience: Int) -> [Request] {
        now += 1
        return now < UInt64(patience) ? [] : takeAll(askedBy: now - UInt64(patience))
    }

    /// Takes those that were asked up to a tick, oldest first.
    mutating func takeAll(askedBy tick: UInt64 = .max) -> [Request] {
        var due: [Request] = []
        while oldest <= newest {
            if let request = waiting[oldest] {
                guard request.tick <= tick else { break }
                waiting[oldest] = nil
                due.append(request)
            }
            oldest += 1
        }
        return due
    }
}

extension Replica {
    func read(_ answer: @escaping ReadRequests.Answer) {
        // Nobody else could have committed anything, whether or not this node leads just now. What its journal held at
        // the start is committed, and may not have been handed over yet.
        if decidesAlone, hasBegun { return answer(max(handed.index, recoveredTo)) }
        ask(answer, attempt: 1)
    }

    private func ask(_ answer: @escaping ReadRequests.Answer, attempt: Int) {
        guard raft != nil else { return answer(nil) }
        let number = reads.add(answer, attempt: attempt)
        raft?.read(ReadContext(origin: id.value ^ life << 16, number: number))
    }

    /// A tick has passed: what was not answered for an election time-out is asked again, perhaps of another leader.
    func askAgain() {
        for request in reads.tick(patience: limits.electionTicks) {
            if request.attempt < Self.attemptsMax {
                ask(request.answer, attempt: request.attempt + 1)
            } else {
                request.answer(nil)
            }
        }
    }

    /// So often a read is asked for before nobody could say: together about as long as an election takes.
    private static let attemptsMax = 3

    func giveUpReads() {
        for request in reads.takeAll() { request.answer(nil) }
    }

    func confirm(_ done: @escaping @Sendable (Bool) -> Void) {
        guard let leading, leading.isBegun || changing != nil else { return done(false) }
        let term = leading.term
        read { [self] index in done(index != nil && self.leading?.term == term) }
    }
}
