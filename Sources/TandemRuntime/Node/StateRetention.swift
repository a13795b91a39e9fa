internal import Synchronization
package import TandemCore
internal import TandemReadModel
internal import TandemTransport

/// How long the events of closed conversations are kept.
package struct Retention: Sendable {
    /// In journaled time, from the conversation's end.
    package let kept: Milliseconds
    /// Between two looks, in nanoseconds: a hundredth of the time kept, an hour at most.
    let interval: UInt64

    /// Nil for 0 days: for ever.
    ///
    /// - Parameter factor: how many times as fast journaled time runs.
    init?(days: Int, factor: Int64) {
        guard days > 0 else { return nil }
        kept = .seconds(Int64(days) * 86_400)
        interval = UInt64(min(max(kept.count * 10_000 / factor, 1_000_000_000), 3_600_000_000_000))
    }
}

/// What was removed since the start.
package struct PrunedFigures: Sendable {
    package let conversations: Int
    package let events: Int
}

// Removing what is kept long enough: a slice, then whatever waits to be written, then the next slice.
extension StateThread {
    /// Events of one slice: some ten milliseconds, which is how long a batch may have to wait for it.
    private static let sliceEvents = 500
    /// Between two slices, in nanoseconds: the thread's other work comes first.
    private static let slicePause: UInt64 = 20_000_000

    func beginRetention() {
        guard let retention else { return }
        lookForOld(in: 0, after: retention.interval)
    }

    private func lookForOld(in partition: Int, after pause: UInt64) {
        writer.wake(at: EventLoop.monotonicNanoseconds() + pause) { self.removeOld(from: partition) }
    }

    private func removeOld(from partition: Int) {
        guard let retention else { return }
        guard partition < kept.count else { return lookForOld(in: 0, after: retention.interval) }
        let isWorking =
            !isExchanging(UInt16(partition)) && !kept[partition].needsRestart
            && board.standing(of: Self.name(partition)) == .running
        guard isWorking else { return lookForOld(in: partition + 1, after: Self.slicePause) }
        do {
            let store = kept[partition].store
            let report = try store.prune(
                before: store.mark.time + (Milliseconds.zero - retention.kept), atMost: Self.sliceEvents)
            pruned.conversations.wrappingAdd(report.conversations, ordering: .relaxed)
            pruned.events.wrappingAdd(report.events, ordering: .relaxed)
            try checkpointIfDue(partition)
            lookForOld(in: report.isComplete ? partition + 1 : partition, after: Self.slicePause)
        } catch {
            failed([], of: partition, error)
            lookForOld(in: partition + 1, after: Self.slicePause)
        }
    }

    package var prunedFigures: PrunedFigures {
        PrunedFigures(
            conversations: pruned.conversations.load(ordering: .relaxed),
            events: pruned.events.load(ordering: .relaxed))
    }

    final class Pruned: Sendable {
        let conversations = Atomic<Int>(0)
        let events = Atomic<Int>(0)
    }
}
