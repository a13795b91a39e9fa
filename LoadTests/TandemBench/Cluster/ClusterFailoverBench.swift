internal import Foundation
internal import TandemTransport

/// How long clients wait when a leader dies, or goes in order: a node ends under load, again and again, and what counts is
/// the longest silence of the partitions that it led.
enum ClusterFailoverBench {
    private static let partitions = 8
    private static let customersPerTenant = 3
    private static let depth = 4
    private static let paceNanoseconds: UInt64 = 2_000_000
    /// How long clients are listened to after the end.
    private static let watchSeconds = 2
    private static let patienceSeconds = 30.0

    static let kills = benchmark(
        "cluster.failover.gap", "kill -9 of a node that leads", count: 20
    ) { nodes, victim in nodes.kill(victim) }

    /// What a rolling restart costs: the node ends in order.
    static let restarts = benchmark(
        "cluster.restart.gap", "SIGTERM of a node that leads, until it has ended", count: 6
    ) { nodes, victim in nodes.terminate(victim) }

    private static func benchmark(
        _ name: String, _ what: String, count: Int, _ end: @escaping @Sendable (NodeProcesses, Int) -> Void
    ) -> Benchmark {
        let names = [name + ".p50", name + ".max"]
        let about = "\(what), \(count) times, under message posts over \(partitions * customersPerTenant) WebSockets"
        return Benchmark(names: names, about: about) { effort in
            let gaps = try await measure(rounds: effort.scaled(count), end).sorted()
            return [
                Figure(name: names[0], value: gaps[gaps.count / 2], unit: "ms"),
                Figure(name: names[1], value: gaps[gaps.count - 1], unit: "ms"),
            ]
        }
    }

    private static func measure(rounds: Int, _ end: (NodeProcesses, Int) -> Void) async throws -> [Double] {
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
        for round in 0..<rounds { gaps.append(try await lose(round % 3, nodes, load, end)) }
        let (acknowledged, troubles) = await load.onLoop { ($0.acknowledged, $0.troubles) }
        await load.stop()
        Main.say("  \(acknowledged) messages, \(troubles) of them had to be said again after an error")
        return gaps
    }

    /// The longest silence after one end, in milliseconds.
    private static func lose(
        _ victim: Int, _ nodes: NodeProcesses, _ load: LoyalLoad, _ end: (NodeProcesses, Int) -> Void
    ) async throws -> Double {
        let led = try await whenLeading(victim, nodes)
        await load.listen()
        end(nodes, victim)
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
