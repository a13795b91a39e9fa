internal import Foundation
internal import Glibc
internal import TandemTransport
internal import TestPrograms

/// The journal alone: entries of 256 bytes through Raft, journal and transport, three processes and their client on one
/// machine.
enum ClusterJournalBench {
    private static let nodes = 3

    static let benchmark = Benchmark(
        names: ["cluster.journal.inflight1.p50", "cluster.journal.inflight64", "cluster.journal.inflight1024"],
        about: "256-byte entries shared by three processes, 1, 64 and 1,024 in flight"
    ) { effort in
        let seconds = min(effort.seconds, 10)
        let limit = try limitNanoseconds(seconds: seconds / 4)
        let (one, some, many) = try await run(seconds: seconds)
        let again = try limitNanoseconds(seconds: seconds / 4)
        return [
            Figure(
                name: "cluster.journal.inflight1.p50", value: one.latencies.percentile(0.5) / 1e3, unit: "us",
                limit: (limit + again) / 2e3,
                against: "us of an fdatasync beside two others and two loopback round trips"),
            Figure(name: "cluster.journal.inflight64", value: some.rate, unit: "entries/s"),
            Figure(name: "cluster.journal.inflight1024", value: many.rate, unit: "entries/s"),
        ]
    }

    private static func run(
        seconds: Double
    ) async throws -> (one: TurnBench.Run, some: TurnBench.Run, many: TurnBench.Run) {
        let scratch = try Scratch()
        let ports = try FreePorts.find(nodes * 2)
        var programs: [Program] = []
        defer { for program in programs { program.kill() } }
        var members: [PeerID: SocketAddress] = [:]
        for node in 1...nodes {
            let plan = JournalMember.Plan(
                node: UInt32(node), directory: scratch.path + "/\(node)", peerPorts: Array(ports[..<nodes]),
                clientPort: ports[nodes + node - 1])
            let program = Program()
            program.executableURL = Program.own
            program.arguments = [
                JournalMember.argument, String(decoding: try JSONEncoder().encode(plan), as: UTF8.self),
            ]
            try program.run()
            programs.append(program)
            members[PeerID(UInt32(node))] = try SocketAddress(host: "127.0.0.1", port: plan.clientPort)
        }
        let loop = try EventLoop(name: "load")
        loop.start()
        defer { loop.stop() }
        let client = JournalClient(loop)
        defer { loop.run { client.close() } }
        try await withCheckedThrowingContinuation { ready in
            loop.run { [members] in client.begin(members) { ready.resume(with: $0) } }
        }
        func measure(_ inFlight: Int) async throws -> TurnBench.Run {
            try await withCheckedThrowingContinuation { done in
                loop.run { client.run(inFlight: inFlight, seconds: seconds) { done.resume(with: $0) } }
            }
        }
        _ = try await measure(64)  // The files grow to their working size.
        let one = try await measure(1)
        let some = try await measure(64)
        let many = try await measure(1_024)
        for (inFlight, run) in [(1, one), (64, some), (1_024, many)] {
            let (p50, p99) = (run.latencies.percentile(0.5) / 1e6, run.latencies.percentile(0.99) / 1e6)
            Main.say(String(format: "  %d in flight: %.0f/s, p50 %.2f ms, p99 %.2f ms", inFlight, run.rate, p50, p99))
        }
        return (one, some, many)
    }

    /// What one entry cannot be quicker than: the median of an fdatasync while two others do the same, and two round
    /// trips over the loopback.
    private static func limitNanoseconds(seconds: Double) throws -> Double {
        let scratch = try Scratch()
        let loops = try (0..<nodes).map { try EventLoop(name: "disk-\($0)") }
        for loop in loops { loop.start() }
        let group = DispatchGroup()
        let found = Medians()
        for (place, loop) in loops.enumerated() {
            group.enter()
            loop.run {
                found.add(syncNanoseconds(scratch.path + "/\(place)", seconds))
                group.leave()
            }
        }
        group.wait()
        for loop in loops { loop.stop() }
        let (listener, port) = RawSockets.listener()
        let server = try EventLoop(name: "bare")
        server.start()
        server.run { RawSockets.serveOne(listener, counting: false) }
        let trip = RawSockets.pingPong(port, bytes: 256, seconds: seconds).percentile(0.5)
        server.stop()
        close(listener)
        return found.median + 2 * trip
    }

    /// The median of writing 4 KiB over what was there and syncing it.
    private static func syncNanoseconds(_ path: String, _ seconds: Double) -> Double {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        let page = [UInt8](repeating: 7, count: 4_096)
        let pages = 1_024
        for _ in 0..<pages { _ = write(file, page, page.count) }
        fsync(file)
        var latencies = Latencies()
        let end = EventLoop.monotonicNanoseconds() + UInt64(seconds * 1e9)
        var now = EventLoop.monotonicNanoseconds()
        var place = 0
        while now < end {
            _ = pwrite(file, page, page.count, off_t(place % pages * page.count))
            fdatasync(file)
            place += 1
            let then = EventLoop.monotonicNanoseconds()
            latencies.record(then - now)
            now = then
        }
        return latencies.percentile(0.5)
    }

    // Safe: under `lock`.
    private final class Medians: @unchecked Sendable {
        private let lock = NSLock()
        private var values: [Double] = []
        func add(_ value: Double) { lock.withLock { values.append(value) } }
        var median: Double { lock.withLock { values.sorted()[values.count / 2] } }
    }
}
