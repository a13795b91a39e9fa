/// Judges the contact centre's time by the machine's, whose clock nobody has set: values in, violations out.
///
/// 1. What was acknowledged happened between its request and its acknowledgement.
/// 2. A promise that was broken was found so when its time was up.
/// 3. A node whose clock was off led nothing any more.
struct ClockCheck {
    /// How far the contact centre's time may be from the true one: a leader's clock may be off by 500 ms, and time is steered
    /// towards it; the drill's own two clocks are read one after the other.
    static let apartMilliseconds: Int64 = 600
    /// How late a promise may be found broken: nobody leads for as long as a fault and an election take.
    static let lateMilliseconds: Int64 = 15_000

    /// Over so long after its time was up, it must have been found broken: whoever leads looks at timers first.
    static let missingMilliseconds: Int64 = 2_000

    private let evidence: Evidence

    init(_ evidence: Evidence) { self.evidence = evidence }

    var violations: [Violation] { times + promises + leaders }

    // MARK: Times

    private var times: [Violation] {
        guard let ahead = evidence.wallAhead, let state = evidence.states.first else { return [] }
        var times: [String: Int64] = [:]
        for transcript in state.transcripts.values { for message in transcript { times[message.text] = message.time } }
        return evidence.operations.compactMap { operation in
            guard operation.outcome == .ok, let text = operation.text, let time = times[text] else { return nil }
            let asked = Self.wall(operation.invoked, ahead) - Self.apartMilliseconds
            let answered = Self.wall(operation.returned, ahead) + Self.apartMilliseconds
            guard time < asked || time > answered else { return nil }
            let distance =
                time < asked ? "\(asked - time) ms before it was sent" : "\(time - answered) ms after its answer"
            return Violation(
                .timesTrue,
                "\(operation.key) of \(operation.process) happened \(distance), beyond what clocks may be apart")
        }
    }

    private static func wall(_ monotonic: UInt64, _ ahead: Int64) -> Int64 { Int64(monotonic / 1_000_000) + ahead }

    // MARK: Promises

    /// Each conversation that waits for an agent is to be over in a time that none of them keeps.
    private var promises: [Violation] {
        let openings = Dictionary(
            evidence.operations.compactMap { operation in
                operation.kind == .open && operation.outcome == .ok
                    ? operation.conversation.map { ($0, operation) } : nil
            }, uniquingKeysWith: { first, _ in first })
        var found: [Violation] = []
        for stream in evidence.streams where stream.kind == .tenant {
            var broken: Set<String> = []
            for seen in stream.seen where seen.kind == .clockBreached || seen.kind == .contactClosed {
                guard let conversation = seen.conversation, let opening = openings[conversation] else { continue }
                let isBreach = seen.kind == .clockBreached
                let isNew = isBreach ? broken.insert(conversation).inserted : true
                let wrong =
                    isBreach
                    ? (isNew ? wrong(seen, opening) : "its promise was found broken twice")
                    : broken.contains(conversation) ? nil : missing(seen, opening)
                guard let wrong else { continue }
                found.append(Violation(.promisesInTime, "\(opening.key) of \(opening.process): \(wrong)"))
            }
        }
        return found
    }

    /// It was over without a word of its promise.
    private func missing(_ closed: Seen, _ opening: Operation) -> String? {
        guard let time = closed.time, let ahead = evidence.wallAhead else { return nil }
        let lasted = time - Self.wall(opening.returned, ahead)
        return lasted > Branch.promiseMilliseconds + Self.missingMilliseconds
            ? "it lasted \(lasted) ms, and its promise was never found broken" : nil
    }

    private func wrong(_ seen: Seen, _ opening: Operation) -> String? {
        let due = Branch.promiseMilliseconds
        // By the machine's clock it was told at most a steered second after it happened.
        let waited = Int64(seen.told) - Int64(opening.invoked)
        let least = due * 1_000_000 * 199 / 200
        if waited < least { return "its promise was broken after \(waited / 1_000_000) ms, not \(due)" }
        guard let time = seen.time, let ahead = evidence.wallAhead else { return nil }
        let late = time - Self.wall(opening.returned, ahead) - due
        return late > Self.lateMilliseconds ? "its promise was found broken \(late) ms late" : nil
    }

    // MARK: Leaders

    private var leaders: [Violation] {
        evidence.faults.filter { !$0.stillLed.isEmpty }.map { fault in
            Violation(
                .wrongClocksLeadNothing,
                "nodes \(fault.victims) still led \(fault.stillLed), their clocks being off by \(fault.detail)")
        }
    }
}
