/// How long a contact at a place in a queue will probably wait.
///
/// Contacts ahead leave the queue at `capacity ÷ mean handle time`, where an agent who serves n queues counts as 1/n of
/// one; a share of them leaves by itself. So
///
///     wait = (1 + ahead × (1 − abandonment)) × mean handle time ÷ capacity
///
/// The mean comes from the queue's last hour and a half at most, steadied by the same half hour a week before. Nothing
/// in it is the contact's own age: it does not rise because a customer has waited long.
package enum EstimatedWait {
    /// Handled contacts below which the wait is unknown.
    package static let samplesMin: Int64 = 5
    /// Last week's contacts count as this many at most, so that today's take over within a busy half hour.
    package static let priorMax: Int64 = 10
    private static let recent: [Milliseconds] = [.zero, .minutes(30), .minutes(60)]
    private static let week = Milliseconds.hours(7 * 24)

    /// Nil: unknown, for want of samples or of anybody logged in. A contact without a position is about to arrive.
    package static func estimate(queue: Queue, standing: QueueStanding, now: Timestamp) -> Milliseconds? {
        if standing.position == nil, standing.waiting == 0, standing.agentsAvailable > 0 { return .zero }
        guard standing.capacity > 0, let sample = sample(of: queue, at: now) else { return nil }
        let ahead = Int64(max(0, (standing.position ?? standing.waiting + 1) - 1))
        let ended = sample.answered + sample.abandoned
        let staying = ended > 0 ? 1_000 - sample.abandoned * 1_000 / ended : 1_000
        let turns = Int64(1_000).addingSaturated(ahead.multipliedSaturated(by: staying))
        // Thousandths of contacts over thousandths of agents.
        return Milliseconds(turns.multipliedSaturated(by: sample.meanHandleTime) / Int64(standing.capacity))
    }

    private struct Sample {
        var meanHandleTime: Int64
        var answered: Int64
        var abandoned: Int64
    }

    private static func sample(of queue: Queue, at now: Timestamp) -> Sample? {
        var sum = Sample(meanHandleTime: 0, answered: 0, abandoned: 0)
        var handled: Int64 = 0
        var handleTime: Int64 = 0
        for bucket in recent.compactMap({ queue.bucket(at: now - $0) }) {
            sum.answered += Int64(bucket.answered)
            sum.abandoned += Int64(bucket.abandoned)
            handled += Int64(bucket.handled)
            handleTime = handleTime.addingSaturated(bucket.handleTime.count)
        }
        if let prior = queue.bucket(at: now - week), prior.handled > 0 {
            let counted = min(Int64(prior.handled), priorMax)
            handled += counted
            handleTime = handleTime.addingSaturated(prior.handleTime.count / Int64(prior.handled) * counted)
            if sum.answered == 0 {
                sum.answered = Int64(prior.answered)
                sum.abandoned = Int64(prior.abandoned)
            }
        }
        guard handled >= samplesMin else { return nil }
        sum.meanHandleTime = max(0, handleTime) / handled
        return sum
    }
}

extension Timestamp {
    fileprivate static func - (left: Self, right: Milliseconds) -> Self {
        Timestamp(milliseconds: left.milliseconds.subtractingSaturated(right.count))
    }
}
