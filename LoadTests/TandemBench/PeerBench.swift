internal import Glibc
internal import TandemTransport

/// Frames between two nodes on two loops, against bare sockets that pass as many bytes.
enum PeerBench {
    private static let frameBytes = 256
    private static let inFlight = 1_024
    private static let kind = PeerKind(16, whenFull: .refused)

    static let benchmark = Benchmark(
        names: ["transport.peer.echo", "transport.peer.throughput"],
        about: "\(frameBytes)-byte frames between two nodes: there and back one by one; one way, \(inFlight) in flight"
    ) { effort in
        let seconds = min(effort.seconds, 5) / 3
        var (echo, bareEcho) = (Latencies(), Latencies())
        var (rate, bareRate) = (0.0, 0.0)
        // In turn, so that a machine whose speed drifts drifts for both.
        for _ in 0..<3 {
            bareEcho.add(
                try await bare(counting: false) { RawSockets.pingPong($0, bytes: frameBytes, seconds: seconds) })
            echo.add(try await run(.echo, seconds).latencies)
            // Blocks of an eighth of the window, so that both sides work at once.
            let block = frameBytes * inFlight / 8
            let bytes = try await bare(counting: true) {
                RawSockets.stream($0, bytes: block, window: 8, seconds: seconds)
            }
            bareRate += bytes / Double(frameBytes) / 3
            rate += try await run(.stream, seconds).rate / 3
        }
        return [
            Figure(
                name: "transport.peer.echo", value: echo.percentile(0.5) / 1e3, unit: "µs p50",
                limit: bareEcho.percentile(0.5) / 1e3, against: "µs p50 of blocking sockets"),
            Figure(
                name: "transport.peer.throughput", value: rate, unit: "frames/s", limit: bareRate,
                against: "as many bytes by blocking sockets"),
        ]
    }

    private static func bare<Value: Sendable>(
        counting: Bool, _ client: @escaping @Sendable (UInt16) -> Value
    ) async throws -> Value {
        let (listener, port) = RawSockets.listener()
        let (server, load) = (try EventLoop(name: "bare"), try EventLoop(name: "load"))
        server.start()
        load.start()
        server.run { RawSockets.serveOne(listener, counting: counting) }
        let value = await withCheckedContinuation { done in load.run { done.resume(returning: client(port)) } }
        load.stop()
        server.stop()
        close(listener)
        return value
    }

    private enum Pattern { case echo, stream }

    private static func run(_ pattern: Pattern, _ seconds: Double) async throws -> TurnBench.Run {
        let (near, far) = (try EventLoop(name: "near"), try EventLoop(name: "far"))
        near.start()
        far.start()
        let answering = Answering(pattern, far)
        let address = try answering.network.listen(on: SocketAddress(host: "127.0.0.1", port: 0))
        let asking = Asking(pattern, near, until: seconds)
        let run = await withCheckedContinuation { done in
            near.run { asking.begin(address) { done.resume(returning: $0) } }
        }
        near.run { asking.network.close() }
        far.run { answering.network.close() }
        near.stop()
        far.stop()
        return run
    }

    private static func network(_ number: UInt32, _ loop: EventLoop, _ owner: any PeerNetworkOwner) -> PeerNetwork {
        let identity = PeerIdentity(
            cluster: ClusterID(high: 1, low: 1), node: PeerID(number), life: PeerLife(incarnation: 1), formats: 1...1)
        return PeerNetwork(PeerConfiguration(identity: identity), loop: loop, owner: owner)
    }

    /// What neither side has anything to say to.
    private class Side: PeerNetworkOwner {
        func admits(_ peer: PeerIdentity) -> PeerRefusal? { nil }
        func found(_ peer: PeerIdentity) {}
        func lost(_ node: PeerID, _ loss: PeerLoss) {}
        func received(_ frame: PeerFrame, from node: PeerID) {}
        func happened(_ event: PeerEvent) {}
    }

    /// Sends frames back, or says once in a batch how many came.
    // Safe: touched on its loop only, but for the network, which is made with it.
    private final class Answering: Side, @unchecked Sendable {
        private(set) lazy var network = PeerBench.network(2, loop, self)
        private let pattern: Pattern
        private let loop: EventLoop
        private var came: UInt32 = 0

        init(_ pattern: Pattern, _ loop: EventLoop) {
            self.pattern = pattern
            self.loop = loop
        }

        override func received(_ frame: PeerFrame, from node: PeerID) {
            switch pattern {
            case .echo: network.send(kind, channel: frame.channel, frame.payload, to: node)
            case .stream:
                came += 1
                guard came == 1 else { return }
                loop.afterBatch { [self] in
                    withUnsafeBytes(of: came) { _ = network.send(kind, channel: 0, $0, to: node) }
                    came = 0
                }
            }
        }
    }

    /// Keeps one frame under way, or as many as may be.
    // Safe: touched on its loop only, but for the network, which is made with it.
    private final class Asking: Side, @unchecked Sendable {
        private(set) lazy var network = PeerBench.network(1, loop, self)
        private let pattern: Pattern
        private let loop: EventLoop
        private let seconds: Double
        private let payload = [UInt8](repeating: 7, count: frameBytes)
        private var done: ((TurnBench.Run) -> Void)?
        private var latencies = Latencies()
        private var began: UInt64 = 0
        private var sentAt: UInt64 = 0
        private var answered = 0

        init(_ pattern: Pattern, _ loop: EventLoop, until seconds: Double) {
            self.pattern = pattern
            self.loop = loop
            self.seconds = seconds
        }

        func begin(_ address: SocketAddress, done: @escaping (TurnBench.Run) -> Void) {
            self.done = done
            network.setPeers([PeerID(2): address])
        }

        override func found(_ peer: PeerIdentity) {
            began = EventLoop.monotonicNanoseconds()
            send(pattern == .echo ? 1 : inFlight)
        }

        override func lost(_ node: PeerID, _ loss: PeerLoss) {
            precondition(done == nil, "the peer was lost before the end: \(loss)")
        }

        private func send(_ count: Int) {
            sentAt = EventLoop.monotonicNanoseconds()
            for channel in 0..<count {
                let sending = network.send(kind, channel: UInt16(channel & 63), payload, to: PeerID(2))
                precondition(sending == .queued, "a thousand frames are within every bound")
            }
        }

        override func received(_ frame: PeerFrame, from node: PeerID) {
            let now = EventLoop.monotonicNanoseconds()
            let count =
                switch pattern {
                case .echo: 1
                case .stream: Int(frame.payload.loadUnaligned(as: UInt32.self))
                }
            answered += count
            if pattern == .echo { latencies.record(now - sentAt) }
            let took = Double(now - began) / 1e9
            if took < seconds { return send(count) }
            done?(TurnBench.Run(rate: Double(answered) / took, latencies: latencies))
            done = nil
        }
    }
}
