internal import Glibc
internal import Synchronization
internal import TandemGateway
internal import TandemRuntime
internal import TandemTransport

/// A small GET at the whole gateway, against a bare loop that answers as many bytes.
enum HTTPBench {
    private static let connections = 64

    static let benchmark = Benchmark(
        names: ["http.get"], about: "GET /livez over 64 connections, against a bare epoll loop"
    ) { effort in
        let seconds = min(effort.seconds, 5)
        let scratch = try Scratch()
        let (node, loops) = try await Workplace.open(at: scratch.path, loops: 1)
        let gateway = Gateway(
            node: node, options: Gateway.Options(address: try SocketAddress(host: "127.0.0.1", port: 0)))
        let address = try gateway.start()
        let client = try EventLoop(name: "load")
        client.start()
        func load(_ port: UInt16) async -> Double {
            await withCheckedContinuation { done in
                client.run {
                    done.resume(returning: RawSockets.load(port: port, connections: connections, seconds: seconds))
                }
            }
        }
        // In turn, so that a machine whose speed drifts drifts for both.
        var (ours, bare) = (0.0, 0.0)
        for _ in 0..<3 {
            ours += await load(address.port) / 3
            bare += try await bareLoop(load) / 3
        }
        client.stop()
        gateway.drain()
        await node.stop()
        loops.stop()
        return [
            Figure(
                name: "http.get", value: ours, unit: "requests/s", limit: bare,
                against: "requests/s of a bare epoll loop")
        ]
    }

    private static func bareLoop(_ load: (UInt16) async -> Double) async throws -> Double {
        let body = "ok\n"
        let answer = Array(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
        let (listener, port) = RawSockets.listener()
        let stop = Stop()
        let server = try EventLoop(name: "bare")
        server.start()
        server.run { RawSockets.serve(listener, answering: answer) { stop.isSet } }
        let rate = await load(port)
        stop.set()
        server.stop()
        close(listener)
        return rate
    }

    private final class Stop: Sendable {
        private let flag = Atomic<Bool>(false)
        var isSet: Bool { flag.load(ordering: .relaxed) }
        func set() { flag.store(true, ordering: .relaxed) }
    }
}
