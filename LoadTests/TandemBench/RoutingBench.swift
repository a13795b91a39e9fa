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
        let seconds = min(effort.seconds, 10)
        let began = EventLoop.monotonicNanoseconds()
        let end = began + UInt64(seconds * 1e9)
        var (offers, turn, now) = (0, 0, began)
        while now < end {
            for _ in 0..<1_000 {
                let agent = workload.agents[turn % workload.agents.count]
                turn += 1
                let free = workload.standing(isFree: true)
                workload.router.set(agent: agent, free)
                guard let pick = workload.router.pick(at: workload.now) else { continue }
                offers += 1
                workload.router.remove(contact: pick.contact)
                let busy = workload.standing(isFree: false)
                workload.router.set(agent: pick.agent, busy)
                workload.arrive()
            }
            now = EventLoop.monotonicNanoseconds()
        }
        return [Figure(name: "routing.offer", value: Double(offers) / (Double(now - began) / 1e9), unit: "offers/s")]
    }

    /// The same with what the runtime does for it: records, turns, decisions, journal entries, in process.
    static let recorded = Benchmark(
        names: ["routing.offer.recorded"], about: "the same engine, each decision with its record"
    ) { effort in
        var centre = RecordedCentre(contacts: effort.scaled(RoutingWorkload.contactCount))
        let seconds = min(effort.seconds, 10)
        let began = EventLoop.monotonicNanoseconds()
        let end = began + UInt64(seconds * 1e9)
        var (offers, now) = (0, began)
        while now < end {
            for _ in 0..<200 where try centre.release() { offers += 1 }
            now = EventLoop.monotonicNanoseconds()
        }
        return [
            Figure(
                name: "routing.offer.recorded", value: Double(offers) / (Double(now - began) / 1e9), unit: "offers/s")
        ]
    }
}
