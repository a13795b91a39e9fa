internal import Foundation
internal import TandemTransport
internal import TestPrograms

/// How long clients wait when a leader dies, or goes in order: a node ends under load, again and again, and what counts is
/// the longest silence of the partitions that it led. In the end every node's read model is held against what was
/// acknowledged.
enum ClusterFailoverBench {
    private static let partitions = 8
    private static let customersPerTenant = 3
    private static let depth = 4
    private static let paceNanoseconds: UInt64 = 2_000_000
    /// How long clients are listened to after the end.
    private static let watchSeconds = 2
    private static let patienceSeconds = 30.0
    /// Numbers of messages that are said of one conversation.
    private static let toldMax = 5

    static let kills = benchmark(
        "cluster.failover", "kill -9 of a node that leads", count: 20
    ) { nodes, victim in nodes[victim].kill() }

    /// What a rolling restart costs: the node ends in order.
    static let restarts = benchmark(
        "cluster.restart", "SIGTERM of a node that leads, until it has ended", count: 6
    ) { nodes, victim in nodes[victim].terminate(within: .infinity) }

    private static func benchmark(
        _ name: String, _ what: String, count: Int, _ end: @escaping @Sendable (NodeProcesses, Int) -> Void
    ) -> Benchmark {
        let names = ["gap.p50", "gap.max", "lost", "doubled"].map { "\(name).\($0)" }
        let about = "\(what), \(count) times, under message posts over \(partitions * customersPerTenant) WebSockets"
        return Benchmark(names: names, about: about) { effort in
            let (gaps, difference) = try await measure(rounds: effort.scaled(count), end)
            let sorted = gaps.sorted()
            return [
                Figure(name: names[0], value: sorted[sorted.count / 2], unit: "ms"),
                Figure(name: names[1], value: sorted[sorted.count - 1], unit: "ms"),
                Figure(name: names[2], value: Double(difference.lost.count), unit: "messages"),
                Figure(name: names[3], value: Double(difference.doubled.count), unit: "messages"),
            ]
        }
    }

    private static func measure(
        rounds: Int, _ end: (NodeProcesses, Int) -> Void
    ) async throws -> (gaps: [Double], difference: CustomerAccount.Difference) {
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
        try nodes.waitUntilReady()
        let accounts = try await load.conclude(seconds: patienceSeconds)
        let (acknowledged, troubles) = await load.onLoop { ($0.acknowledged, $0.troubles) }
        let open = accounts.reduce(0) { $0 + $1.unacknowledged.count }
        Main.say("  \(acknowledged) messages, \(open) not acknowledged; \(troubles) times said again after an error")
        return (gaps, try difference(nodes, lines, accounts))
    }

    /// Of all nodes from what their clients were told; each that differs is said.
    private static func difference(
        _ nodes: NodeProcesses, _ lines: [TenantLine], _ accounts: [CustomerAccount]
    ) throws -> CustomerAccount.Difference {
        try nodes.waitUntilWritten()
        var sum = CustomerAccount.Difference()
        for place in nodes.addresses.indices {
            let model = try NodeReadModel(
                directory: nodes[place].directory, partitions: Set(lines.map(\.partition)).sorted())
            for (line, account) in zip(lines, accounts) {
                let own = account.difference(from: try model.numbers(in: line))
                sum += own
                guard own != CustomerAccount.Difference() else { continue }
                let (lost, doubled) = (own.lost.prefix(toldMax), own.doubled.prefix(toldMax))
                Main.say(
                    "  node \(place + 1), \(line.conversation): \(own.lost.count) lost (\(Array(lost))), "
                        + "\(own.doubled.count) doubled (\(Array(doubled)))")
            }
        }
        return sum
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
        try nodes[victim].start()
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
