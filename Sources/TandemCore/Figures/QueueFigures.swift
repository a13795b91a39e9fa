/// What one queue did in a stretch of time. Sums only: two stretches, or two queues, add up.
package struct QueueFigures: Hashable, Sendable {
    package var answers = AnswerCounts()
    /// From enqueue to answer, over the answered.
    package var waited = Milliseconds.zero
    package var handling = HandleCounts()
    package var offers = OfferCounts()
    /// In the order of `SLAMetric.allCases`.
    package var clocks = [ClockCounts](repeating: ClockCounts(), count: SLAMetric.allCases.count)
    package init() {}

    package func clocks(_ metric: SLAMetric) -> ClockCounts { clocks[Int(metric.rawValue)] }

    /// ASA: Σ(answer − enqueue) ÷ answered, in milliseconds.
    package var averageSpeedOfAnswer: Fraction { Fraction(waited.count, of: answers.answered) }

    package mutating func add(_ other: QueueFigures) {
        answers.add(other.answers)
        waited = waited + other.waited
        handling.add(other.handling)
        offers.add(other.offers)
        for place in clocks.indices { clocks[place].add(other.clocks[place]) }
    }

    mutating func count(_ event: Event, at now: Timestamp) {
        answers.add(AnswerCounts(event, at: now))
        handling.add(HandleCounts(event))
        offers.add(OfferCounts(event))
        if case .offerAccepted(let accepted) = event, accepted.isCounted { waited = waited + accepted.waited }
        if let (metric, counts) = ClockCounts.of(event) { clocks[Int(metric.rawValue)].add(counts) }
    }
}

package struct OfferCounts: Hashable, Sendable {
    package var made: Int64 = 0
    package var accepted: Int64 = 0
    package var rejected: Int64 = 0
    package var timedOut: Int64 = 0
    package init() {}

    package init(_ event: Event) {
        self.init()
        if case .offerMade = event { made = 1 }
        if case .offerAccepted = event { accepted = 1 }
        guard case .offerEnded(let ended) = event else { return }
        switch ended.outcome {
        case .rejected: rejected = 1
        case .timedOut: timedOut = 1
        case .accepted, .rescinded, .cancelled, .void: break
        }
    }

    package mutating func add(_ other: OfferCounts) {
        made = made.addingSaturated(other.made)
        accepted = accepted.addingSaturated(other.accepted)
        rejected = rejected.addingSaturated(other.rejected)
        timedOut = timedOut.addingSaturated(other.timedOut)
    }

    /// RONA: timed-out offers ÷ offers.
    package var unansweredRate: Fraction { Fraction(timedOut, of: made) }
}

/// One metric's clocks, promised or not. The mean of a first reply is FRT, of a next reply NRT, of a resolution TTR.
package struct ClockCounts: Hashable, Sendable {
    package var fulfilled: Int64 = 0
    /// Those of the fulfilled for which there was a promise.
    package var promised: Int64 = 0
    /// Promises broken: told in this stretch of time, by a timer or by a policy that was applied afterwards.
    package var breached: Int64 = 0
    /// Time that counted, against the target where there was one, over the fulfilled.
    package var elapsed = Milliseconds.zero
    package init() {}

    /// Nil for what is no promise's end or breach.
    static func of(_ event: Event) -> (SLAMetric, ClockCounts)? {
        var counts = ClockCounts()
        if case .clockFulfilled(_, let metric, let elapsed, let promised) = event {
            counts.fulfilled = 1
            counts.promised = promised ? 1 : 0
            counts.elapsed = elapsed
            return (metric, counts)
        }
        if case .clockBreached(_, let metric, _) = event {
            counts.breached = 1
            return (metric, counts)
        }
        return nil
    }

    package mutating func add(_ other: ClockCounts) {
        fulfilled = fulfilled.addingSaturated(other.fulfilled)
        promised = promised.addingSaturated(other.promised)
        breached = breached.addingSaturated(other.breached)
        elapsed = elapsed + other.elapsed
    }

    /// In milliseconds.
    package var average: Fraction { Fraction(elapsed.count, of: fulfilled) }
}
