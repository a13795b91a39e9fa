internal import Foundation
internal import TandemCore
internal import TandemRuntime
internal import TandemTransport

/// Offers with their release: an agent becomes free, gets the first contact that he may take, and another arrives.
enum RoutingBench {
    static let bare = Benchmark(
        names: ["routing.offer"], about: "10,000 agents, 100,000 waiting, 50 skills, 500 profiles: the bare engine"
    ) { effort in
        var workload = RoutingWorkload(contacts: effort.scaled(RoutingWorkload.contactCount))
        return [figure("routing.offer", effort) { workload.release() ? 1 : 0 }]
    }

    /// The same with the records it rests on: each offer carries its whole decision and is applied to the conversation
    /// and to the agent, with the before-images that a turn keeps. Without the journal: that is `turn.durable`.
    static let recorded = Benchmark(
        names: ["routing.offer.recorded"], about: "the same engine, each decision with its record"
    ) { effort in
        var centre = RecordedCentre(contacts: effort.scaled(RoutingWorkload.contactCount))
        return [try figure("routing.offer.recorded", effort) { try centre.release() ? 1 : 0 }]
    }

    /// Repeats `release` for some seconds and counts its offers, by the clock on the wall; those who share the machine
    /// with others are told the processor's time too.
    private static func figure(
        _ name: String, _ effort: Effort, _ release: () throws -> Int
    ) rethrows -> Figure {
        let seconds = min(effort.seconds, 10)
        let (began, spent) = (EventLoop.monotonicNanoseconds(), processorSeconds)
        let end = began + UInt64(seconds * 1e9)
        var (offers, now) = (0, began)
        while now < end {
            for _ in 0..<200 { offers += try release() }
            now = EventLoop.monotonicNanoseconds()
        }
        let rate = Double(offers) / (processorSeconds - spent)
        Main.say("  in a second of the processor's time: \(Int(rate))")
        return Figure(name: name, value: Double(offers) / (Double(now - began) / 1e9), unit: "offers/s")
    }

    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
