internal import Foundation
internal import TandemTransport

/// How long clients wait when a leader dies: a node is killed under load, again and again, and what counts is the longest
/// silence of the partitions that it led.
enum ClusterFailoverBench {
    private static let partitions = 8
    private static let kills = 20
    private static let customersPerTenant = 3
    private static let depth = 4
    private static let paceNanoseconds: UInt64 = 2_000_000
    /// Until a silence that has not ended is given up, and what is waited after the kill for one that comes later.
    private static let watchSeconds = 2
    private static let patienceSeconds = 30.0

    static let benchmark = Benchmark(
        names: ["cluster.failover.gap.p50", "cluster.failover.gap.max"],
        about: "kill -9 of a node that leads, \(kills) times, under message posts over "
            + "\(partitions * customersPerTenant) WebSockets to three nodes"
    ) { effort in
        let scratch = try Scratch()
        let nodes = try NodeProcesses(3, in: scratch.path)
        defer { nodes.end() }
        let lines = try TenantLine.make(nodes, partitions: partitions, perTenant: customersPerTenant)
        let loop = try EventLoop(name: "load")
        loop.start()
        defer { loop.stop() }
        let load = LoyalLoad(loop, lines, nodes.addresses, depth: depth, paceNanoseconds: paceNanoseconds)
        await load.begin()
        var gaps: [Double] = []
        for round in 0..<effort.scaled(kills) { gaps.append(try await kill(round % 3, nodes, load)) }
        let (acknowledged, troubles) = await load.onLoop { ($0.acknowledged, $0.troubles) }
        await load.stop()
        gaps.sort()
        Main.say("  \(acknowledged) messages, \(troubles) of them had to be said again after an error")
        return [
            Figure(name: "cluster.failover.gap.p50", value: gaps[gaps.count / 2], unit: "ms"),
            Figure(name: "cluster.failover.gap.max", value: gaps[gaps.count - 1], unit: "ms"),
        ]
    }

    /// One death: the longest silence, in milliseconds.
    private static func kill(_ victim: Int, _ nodes: NodeProcesses, _ load: LoyalLoad) async throws -> Double {
        let led = try await whenLeading(victim, nodes)
        await load.listen()
        nodes.kill(victim)
        try await Task.sleep(for: .seconds(watchSeconds))
        let silences = await load.silences()
        let lost = led.map { ($0, Double(silences[$0] ?? 0) / 1e6) }.sorted { $0.1 > $1.1 }
        let words = lost.map { String(format: "%d: %.0f ms", Int($0), $1) }.joined(separator: ", ")
        Main.say("  node \(victim + 1) led partitions \(words)")
        try nodes.startAgain(victim)
        return lost[0].1
    }

    /// Waits until a node leads, and everything is at rest but for the load.
    private static func whenLeading(_ place: Int, _ nodes: NodeProcesses) async throws -> [UInt16] {
        try nodes.waitUntilReady()
        let end = EventLoop.monotonicNanoseconds() + UInt64(patienceSeconds * 1e9)
        var before: [UInt16] = []
        while EventLoop.monotonicNanoseconds() < end {
            let led = try nodes.partitions(node: place).filter(\.isLed).map(\.number)
            // Its share comes back to it one by one.
            if led.count >= partitions / 3, led == before { return led }
            before = led
            try await Task.sleep(for: .milliseconds(1_500))
        }
        throw NodeProcesses.Trouble(description: "node \(place + 1) was given no partition to lead")
    }
}
