internal import TandemTransport

/// What replicas count time by: a tick every 10 ms, on a thread that does nothing long.
final class Pulse: Sendable {
    private static let interval: UInt64 = 10_000_000
    private let loop: EventLoop
    private let replicas: [Replica]

    init(_ replicas: [Replica]) throws(TransportError) {
        loop = try EventLoop(name: "consensus")
        self.replicas = replicas
    }

    func start() {
        loop.start()
        loop.run { self.beat(at: EventLoop.monotonicNanoseconds()) }
    }

    func stop() { loop.stop() }

    /// Late beats are not made up for: a node that was paused must not take the time for silence of others.
    private func beat(at due: UInt64) {
        for replica in replicas { replica.tick() }
        let next = max(due + Self.interval, EventLoop.monotonicNanoseconds())
        loop.schedule(at: next) { self.beat(at: next) }
    }
}
