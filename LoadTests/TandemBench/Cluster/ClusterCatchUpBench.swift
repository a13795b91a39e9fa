internal import Foundation
internal import Glibc
internal import TandemTransport
internal import TestPrograms

/// A node that was away while others wrote: how fast it has what it missed, and what that costs the others' clients.
enum ClusterCatchUpBench {
    private static let partitions = 8
    private static let entries = 1_000_000
    private static let customersPerTenant = 8
    private static let depth = 16
    /// The clients that are watched meanwhile: each says something so often.
    private static let paceNanoseconds: UInt64 = 50_000_000
    private static let quietSeconds = 5
    private static let patienceSeconds = 300.0

    private static let late = 2

    static let shared = Benchmark(
        names: ["cluster.catchup", "cluster.catchup.p99"],
        about: "a node comes back that lacks \(entries) entries, while clients of the two others post messages"
    ) { effort in
        let run = try await measure(effort) { _ in }
        return [
            Figure(name: "cluster.catchup", value: run.rate, unit: "entries/s"),
            run.p99(as: "cluster.catchup.p99"),
        ]
    }

    /// The same as if the node had a machine of its own, as it would: a core that nobody else uses, and a disk in memory.
    static let apart = Benchmark(
        names: ["cluster.catchup.apart.p99"],
        about: "a node comes back that lacks \(entries) entries, on a core and a disk of its own"
    ) { effort in
        guard Core.count > 1 else { throw NodeProcesses.Trouble(description: "it takes two cores") }
        let memory = try Scratch(in: "/dev/shm")
        defer { try? Core.bind(getpid(), to: 0..<Core.count) }
        let run = try await measure(effort) { nodes in
            try nodes.move(late, to: memory.path)
            for place in 0..<late { try nodes.bind(place, to: 0..<Core.count - 1) }
            try Core.bind(getpid(), to: 0..<Core.count - 1)
        } started: { nodes in
            try nodes.bind(late, to: Core.count - 1..<Core.count)
        }
        return [run.p99(as: "cluster.catchup.apart.p99")]
    }

    private struct Run {
        let rate: Double
        /// Nanoseconds of the others' clients.
        let before: Double
        let during: Double

        func p99(as name: String) -> Figure {
            Figure(name: name, value: during / 1e6, unit: "ms", limit: before / 1e6, against: "ms before")
        }
    }

    /// - Parameters:
    ///   - prepare: called while the node is away, before it is known what the clients are used to.
    ///   - started: called as soon as its process is there.
    private static func measure(
        _ effort: Effort, prepare: (NodeProcesses) throws -> Void, started: (NodeProcesses) throws -> Void = { _ in }
    ) async throws -> Run {
        let scratch = try Scratch()
        let nodes = try NodeProcesses(3, in: scratch.path)
        defer { nodes.end() }
        let lines = try TenantLine.make(nodes, partitions: partitions, perTenant: customersPerTenant)
        let had = try applied(nodes, late).values.reduce(0, +)
        nodes[late].kill()
        let loop = try EventLoop(name: "load")
        loop.start()
        defer { loop.stop() }
        let addresses = Array(nodes.addresses[..<late])
        let count = effort.scaled(entries)
        let there = lines.map {
            TenantLine(partition: $0.partition, home: $0.home % late, token: $0.token, conversation: $0.conversation)
        }
        let fill = LoyalLoad(loop, there, addresses, depth: depth, stopsAt: count)
        await fill.begin()
        await fill.finished()
        try prepare(nodes)

        let watched = Dictionary(grouping: there, by: \.partition).values.map { $0[0] }
        let load = LoyalLoad(loop, watched, addresses, depth: 1, paceNanoseconds: paceNanoseconds)
        await load.begin()
        try await Task.sleep(for: .seconds(1))
        _ = await load.takeLatencies()
        try await Task.sleep(for: .seconds(quietSeconds))
        let before = await load.takeLatencies().percentile(0.99)
        let (missed, seconds) = try await catchUp(nodes, from: had, started: started)
        let during = await load.takeLatencies()
        await load.stop()
        Main.say("  \(missed) entries in \(String(format: "%.1f", seconds)) s; \(during.count) posts meanwhile")
        return Run(rate: Double(missed) / seconds, before: before, during: during.percentile(0.99))
    }

    /// Starts it, and waits until it has applied what the others had when it came: how much that was, and the time from
    /// its start, as it answers nobody before it has nearly everything.
    private static func catchUp(
        _ nodes: NodeProcesses, from had: UInt64, started: (NodeProcesses) throws -> Void
    ) async throws -> (entries: UInt64, seconds: Double) {
        let goal = try applied(nodes, 0)
        let began = EventLoop.monotonicNanoseconds()
        try nodes[late].start()
        try started(nodes)
        let end = began + UInt64(patienceSeconds * 1e9)
        while EventLoop.monotonicNanoseconds() < end {
            if let reached = try? applied(nodes, late) {
                if goal.allSatisfy({ reached[$0] ?? 0 >= $1 }) {
                    let total = reached.values.reduce(0, +)
                    return (total - had, Double(EventLoop.monotonicNanoseconds() - began) / 1e9)
                }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw NodeProcesses.Trouble(description: "node \(late + 1) has not caught up in \(Int(patienceSeconds)) s")
    }

    private static func applied(_ nodes: NodeProcesses, _ place: Int) throws -> [UInt16: UInt64] {
        Dictionary(uniqueKeysWithValues: try nodes.partitions(node: place).map { ($0.number, $0.applied) })
    }
}
