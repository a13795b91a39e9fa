import Foundation
import Glibc

@testable import TandemTransport

/// A relay of TCP connections on loopback that does to them what networks do.
// Safe: `faults`, `pairs` and `ending` are touched under the lock only.
final class FaultyWire: @unchecked Sendable {
    struct Faults {
        /// Bytes wait here, as if the cable were out.
        var freezesThere = false
        var freezesBack = false
        /// How long every byte takes, each way.
        var delay: UInt64 = 0
        /// The next bytes towards the target have one bit turned.
        var garblesNext = false
    }

    private struct Way {
        let from: Int32
        let to: Int32
        let isThere: Bool
        var held: [(due: UInt64, bytes: [UInt8])] = []
        var ended = false
    }

    let address: SocketAddress
    private let target: UInt16
    private let listener: Int32
    private let lock = Lock()
    private var faults = Faults()
    private var ways: [Way] = []
    private var ending = false

    /// Connections to `address` lead to `target` on loopback.
    init(to target: SocketAddress) throws {
        self.target = target.port
        let any = try SocketAddress(host: "127.0.0.1", port: 0)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let bound = any.withSockaddr { bind(descriptor, $0, $1) }
        guard bound == 0, listen(descriptor, 64) == 0 else { throw RawClient.Failure() }
        listener = descriptor
        address = try SocketAddress(boundTo: descriptor)
        Thread { [self] in while turn() {} }.start()
    }

    func set(_ change: (inout Faults) -> Void) { lock.withLock { change(&faults) } }

    /// Breaks all connections: both ends get a reset.
    func cut() { lock.withLock { closeAll() } }

    func stop() { lock.withLock { ending = true } }

    private func closeAll() {
        var reset = linger(l_onoff: 1, l_linger: 0)
        for descriptor in Set(ways.map(\.from)) {
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
            close(descriptor)
        }
        ways = []
    }

    /// Waits for bytes, shortly, and passes on what may go; false at the end.
    private func turn() -> Bool {
        var polled = lock.withLock {
            ways.filter { !$0.ended }.map { pollfd(fd: $0.from, events: Int16(POLLIN), revents: 0) }
        }
        polled.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
        poll(&polled, UInt(polled.count), 1)
        return lock.withLock {
            if ending {
                closeAll()
                close(listener)
                return false
            }
            for index in ways.indices { take(&ways[index], polled) }
            for index in ways.indices { pass(&ways[index]) }
            if polled.last?.revents != 0 { accept() }
            return true
        }
    }

    private func accept() {
        let near = Glibc.accept(listener, nil, nil)
        guard near >= 0, let address = try? SocketAddress(host: "127.0.0.1", port: target) else { return }
        let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard address.withSockaddr({ connect(far, $0, $1) }) == 0 else {
            close(near)
            close(far)
            return
        }
        ways.append(Way(from: near, to: far, isThere: true))
        ways.append(Way(from: far, to: near, isThere: false))
    }

    private func isFrozen(_ way: Way) -> Bool { way.isThere ? faults.freezesThere : faults.freezesBack }

    private func take(_ way: inout Way, _ polled: [pollfd]) {
        let event = polled.first { $0.fd == way.from }?.revents ?? 0
        guard event != 0, !way.ended, !isFrozen(way) else { return }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(way.from, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        if count < 0, errno == EAGAIN { return }
        if count <= 0 {
            way.ended = true
            return
        }
        var bytes = Array(buffer[..<count])
        if way.isThere, faults.garblesNext {
            faults.garblesNext = false
            bytes[bytes.count / 2] ^= 1
        }
        way.held.append((EventLoop.monotonicNanoseconds() + faults.delay, bytes))
    }

    private func pass(_ way: inout Way) {
        let now = EventLoop.monotonicNanoseconds()
        while let first = way.held.first, first.due <= now, !isFrozen(way) {
            send(way.to, first.bytes, first.bytes.count, Int32(MSG_NOSIGNAL))
            way.held.removeFirst()
        }
        if way.ended, way.held.isEmpty { shutdown(way.to, Int32(SHUT_WR)) }
    }
}
