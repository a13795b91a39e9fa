internal import TandemAPI
internal import TandemCore
internal import TandemTransport

/// Whole commands through a cluster: messages that customers post over WebSockets to all three nodes, one tenant in each
/// of eight partitions, read model included.
enum ClusterCommandBench {
    private static let partitions = 8
    private static let connectionsPerTenant = 8
    private static let depth = 16
    /// A new tenant's partition follows from its key: so many are tried until each has one.
    private static let tenantsMax = 400

    static let benchmark = Benchmark(
        names: ["cluster.command.inflight1024"],
        about: "message posts over \(partitions * connectionsPerTenant) WebSockets to three nodes, "
            + "\(partitions * connectionsPerTenant * depth) in flight"
    ) { effort in
        let scratch = try Scratch()
        let nodes = try NodeProcesses(3, in: scratch.path)
        defer { nodes.end() }
        let lines = try makeLines(nodes)
        let loop = try EventLoop(name: "load")
        loop.start()
        let load = PostLoad(loop, lines, depth: depth)
        let run = try await withCheckedThrowingContinuation { done in
            loop.run { load.run(seconds: min(effort.seconds, 30)) { done.resume(with: $0) } }
        }
        loop.stop()
        let (p50, p99) = (run.latencies.percentile(0.5) / 1e6, run.latencies.percentile(0.99) / 1e6)
        Main.say("  p50 \(Int(p50)) ms, p99 \(Int(p99)) ms; entries not in the read models: \(try lags(nodes))")
        return [Figure(name: "cluster.command.inflight1024", value: run.rate, unit: "commands/s")]
    }

    private static func makeLines(_ nodes: NodeProcesses) throws -> [PostLoad.Line] {
        var tenants: [UInt16: String] = [:]
        for number in 0..<tenantsMax where tenants.count < partitions {
            let made = try nodes.make("/v1/tenants", "{\"name\":\"Bench \(number)\"}")
            if let id = TenantID(made), tenants[id.partition] == nil { tenants[id.partition] = made }
        }
        guard tenants.count == partitions else { throw NodeProcesses.Trouble(description: "a partition has no tenant") }
        var lines: [PostLoad.Line] = []
        for tenant in tenants.keys.sorted().compactMap({ tenants[$0] }) {
            let queue = try nodes.make("/v1/queues?tenant=\(tenant)", "{\"name\":\"Bench\"}")
            let customer = try nodes.make("/v1/customers?tenant=\(tenant)", "{\"name\":\"Bench\"}")
            let token = try nodes.make(
                "/v1/credentials",
                "{\"role\":\"customer\",\"tenant\":\"\(tenant)\",\"customer\":\"\(customer)\",\"label\":\"bench\"}",
                "token")
            for _ in 0..<connectionsPerTenant {
                let contact = "{\"channel\":\"chat\",\"queue\":\"\(queue)\",\"bot\":true}"
                let conversation = try nodes.make(
                    "/v1/conversations", "{\"contact\":\(contact)}", token: token)
                lines.append(
                    PostLoad.Line(
                        address: nodes.addresses[lines.count % nodes.addresses.count], token: token,
                        conversation: conversation))
            }
        }
        return lines
    }

    /// Committed entries that are not in each node's read model yet.
    private static func lags(_ nodes: NodeProcesses) throws -> String {
        try nodes.addresses.indices.map { try nodes.metric("tandem_read_model_lag_entries", node: $0) }
            .map { "\(Int($0))" }.joined(separator: ", ")
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
        let before = places.map(nodes.processorSeconds)
        let began = EventLoop.monotonicNanoseconds()
        try await Task.sleep(for: .seconds(min(effort.seconds, 30)))
        let took = Double(EventLoop.monotonicNanoseconds() - began) / 1e9
        let used = places.map { (nodes.processorSeconds($0) - before[$0]) / took * 100 }
        return [Figure(name: "cluster.idle.cpu", value: used.max() ?? 0, unit: "% of a core, of the busiest node")]
    }
}
