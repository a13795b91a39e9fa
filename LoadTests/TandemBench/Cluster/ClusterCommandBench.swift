internal import TandemTransport

/// Whole commands through a cluster: messages that customers post over WebSockets to all three nodes, one tenant in each
/// of eight partitions, read model included.
enum ClusterCommandBench {
    private static let partitions = 8
    private static let connectionsPerTenant = 8
    private static let depth = 16
    static let benchmark = Benchmark(
        names: ["cluster.command.inflight1024", "cluster.command.behind"],
        about: "message posts over \(partitions * connectionsPerTenant) WebSockets to three nodes, "
            + "\(partitions * connectionsPerTenant * depth) in flight"
    ) { effort in
        let scratch = try Scratch()
        let nodes = try NodeProcesses(3, in: scratch.path)
        defer { nodes.end() }
        let lines = try TenantLine.make(nodes, partitions: partitions, perTenant: connectionsPerTenant).map { line in
            PostLoad.Line(address: nodes.addresses[line.home], token: line.token, conversation: line.conversation)
        }
        let loop = try EventLoop(name: "load")
        loop.start()
        let load = PostLoad(loop, lines, depth: depth)
        let run = try await withCheckedThrowingContinuation { done in
            loop.run { load.run(seconds: min(effort.seconds, 30)) { done.resume(with: $0) } }
        }
        let acknowledged = EventLoop.monotonicNanoseconds()
        try nodes.waitUntilWritten()
        let behind = Double(EventLoop.monotonicNanoseconds() - acknowledged) / 1e9
        loop.stop()
        let (p50, p99) = (run.latencies.percentile(0.5) / 1e6, run.latencies.percentile(0.99) / 1e6)
        Main.say("  p50 \(Int(p50)) ms, p99 \(Int(p99)) ms")
        return [
            Figure(name: "cluster.command.inflight1024", value: run.rate, unit: "commands/s"),
            Figure(name: "cluster.command.behind", value: behind, unit: "s"),
        ]
    }
}

/// What a cluster costs that has nothing to do.
enum ClusterIdleBench {
    static let benchmark = Benchmark(
        names: ["cluster.idle.cpu"], about: "three nodes with eight partitions and nothing to do"
    ) { effort in
        let scratch = try Scratch()
        let nodes = try NodeProcesses(3, in: scratch.path)
        defer { nodes.end() }
        let places = nodes.addresses.indices
        try await Task.sleep(for: .seconds(5))  // Leadership is spread first.
        let before = try places.map(nodes.processorSeconds)
        let began = EventLoop.monotonicNanoseconds()
        try await Task.sleep(for: .seconds(min(effort.seconds, 30)))
        let took = Double(EventLoop.monotonicNanoseconds() - began) / 1e9
        let used = try places.map { (try nodes.processorSeconds($0) - before[$0]) / took * 100 }
        let each = used.map { FigureTable.number($0) }.joined(separator: ", ")
        Main.say("  \(each) % of a core; the busiest counts")
        return [Figure(name: "cluster.idle.cpu", value: used.max() ?? 0, unit: "% of a core")]
    }
}
