internal import TandemAPI
internal import TandemCore

// Core's counts as the API shows them.
extension API.ServiceLevels {
    init(_ counts: AnswerCounts) {
        func percent(_ formula: ServiceLevel) -> Double? { formula.level(of: counts).percent }
        self.init(a: percent(.a), b: percent(.b), c: percent(.c), d: percent(.d), e: percent(.e))
    }
}

extension Fraction {
    /// With two digits after the point.
    fileprivate var percent: Double? { perTenThousand.map { Double($0) / 100 } }
}

extension API.Figures {
    init(_ counts: AnswerCounts, handled: Int64, handleTime: Fraction, speed: Fraction?) {
        self.init(
            offered: Int(counts.offered), answered: Int(counts.answered),
            answeredInTarget: Int(counts.answeredInTarget), abandoned: Int(counts.abandoned),
            abandonedInTarget: Int(counts.abandonedInTarget), shortAbandoned: Int(counts.shortAbandoned),
            handled: Int(handled), abandonRate: counts.abandonRate.percent,
            averageSpeedOfAnswer: speed?.mean.map { Milliseconds($0) },
            averageHandleTime: handleTime.mean.map { Milliseconds($0) }, serviceLevels: API.ServiceLevels(counts))
    }

    init(_ figures: QueueFigures) {
        self.init(
            figures.answers, handled: figures.handling.handled, handleTime: figures.handling.average,
            speed: figures.averageSpeedOfAnswer)
    }
}

extension API.QueueStatus {
    /// - Parameter now: the partition's journaled time
    init(_ queue: Queue, _ standing: QueueStanding, now: Timestamp) {
        let halfHour = now.milliseconds / 1_800_000
        var counts = AnswerCounts()
        var (handled, handleTime): (Int64, Int64) = (0, 0)
        for bucket in queue.buckets where bucket.halfHour >= halfHour - 1 {
            counts.add(
                AnswerCounts(
                    offered: Int64(bucket.offered), answered: Int64(bucket.answered),
                    answeredInTarget: Int64(bucket.answeredInTarget), abandoned: Int64(bucket.abandoned),
                    abandonedInTarget: Int64(bucket.abandonedInTarget),
                    shortAbandoned: Int64(bucket.shortAbandoned)))
            handled = handled.addingSaturated(Int64(bucket.handled))
            handleTime = handleTime.addingSaturated(bucket.handleTime.count)
        }
        self.init(
            queue: queue.id, name: queue.settings.name, waiting: standing.waiting, oldestSince: standing.oldestSince,
            agentsLoggedIn: standing.agentsLoggedIn, agentsAvailable: standing.agentsAvailable,
            estimatedWait: EstimatedWait.estimate(queue: queue, standing: standing, now: now),
            recent: API.Figures(counts, handled: handled, handleTime: Fraction(handleTime, of: handled), speed: nil))
    }
}
