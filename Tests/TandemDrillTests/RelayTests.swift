import Foundation
import TandemTransport
import Testing

@testable import TandemDrill

/// Says back what it hears, each byte.
private final class Echo: ConnectionOwner {
    func connectionOpened(_ connection: Connection) {}
    func connection(_ connection: Connection, received bytes: UnsafeMutableRawBufferPointer) {
        connection.write(UnsafeRawBufferPointer(bytes))
    }
    func connectionPeerFinished(_ connection: Connection) { connection.finish() }
    func connectionDrained(_ connection: Connection) {}
    func connectionClosed(_ connection: Connection, _ reason: CloseReason) {}
}

/// Collects what it hears, for a test that waits.
// Safe: everything is under `condition`.
private final class Listening: ConnectionOwner, @unchecked Sendable {
    private let condition = NSCondition()
    private var heard: [UInt8] = []
    private var isClosed = false

    func connectionOpened(_ connection: Connection) {}
    func connection(_ connection: Connection, received bytes: UnsafeMutableRawBufferPointer) {
        change { heard += Array(bytes) }
    }
    func connectionPeerFinished(_ connection: Connection) { connection.close(.peerClosed) }
    func connectionDrained(_ connection: Connection) {}
    func connectionClosed(_ connection: Connection, _ reason: CloseReason) { change { isClosed = true } }

    private func change(_ body: () -> Void) {
        condition.lock()
        body()
        condition.broadcast()
        condition.unlock()
    }

    /// Waits until it has heard so much; false when the time is over first.
    func hears(_ count: Int, within seconds: Double) -> Bool { wait(seconds) { heard.count >= count } }
    func isCut(within seconds: Double) -> Bool { wait(seconds) { isClosed } }

    private func wait(_ seconds: Double, _ isDone: () -> Bool) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while !isDone() { guard condition.wait(until: end) else { return isDone() } }
        return true
    }
}

/// Node 1, a wire, and node 2, which echoes.
// Safe: the loop is started once, and connections are touched on it.
private final class Wire: @unchecked Sendable {
    let loop: EventLoop
    let links: Links
    private let echo: Listener

    init() throws {
        let loop = try EventLoop(name: "wire")
        loop.start()
        self.loop = loop
        echo = try Listener(
            on: loop, address: SocketAddress(host: "127.0.0.1", port: 0), backlog: 8, metrics: TransportMetrics(),
            onAccept: { descriptor, peer in
                let connection = Connection(
                    descriptor, loop: loop, peer: peer.description, connecting: false, tls: nil, limits: Limits(),
                    metrics: TransportMetrics())
                try? connection.start(Echo())
            })
        echo.start()
        links = try Links(peers: [SocketAddress(host: "127.0.0.1", port: 9), echo.address])
    }

    func stop() {
        links.stop()
        echo.stop()
        loop.stop()
    }

    /// Node 1 dials node 2.
    func dial() throws -> (Connection, Listening) {
        let port = try #require(links.port(from: 1, to: 2))
        let address = try SocketAddress(host: "127.0.0.1", port: port)
        let listening = Listening()
        let made = Made()
        loop.run { [loop] in
            made.connection = try? Connection.connecting(
                to: address, loop: loop, tls: nil, limits: Limits(), metrics: TransportMetrics())
            try? made.connection?.start(listening)
            made.done.signal()
        }
        made.done.wait()
        return (try #require(made.connection), listening)
    }

    // Safe: written before the signal, read after it.
    private final class Made: @unchecked Sendable {
        var connection: Connection?
        let done = Semaphore()
    }

    func say(_ text: String, on connection: Connection) {
        loop.run { Array(text.utf8).withUnsafeBytes { _ = connection.write($0) } }
    }
}

@Suite("The drill's wires")
struct RelayTests {
    /// Long enough that what would come had come, on a loopback interface.
    private static let moment = 0.3
    private static let patience = 20.0

    @Test("A whole wire passes bytes both ways")
    func whole() throws {
        let wire = try Wire()
        defer { wire.stop() }
        let (connection, listening) = try wire.dial()
        wire.say("hello", on: connection)
        #expect(listening.hears(5, within: Self.patience))
    }

    @Test(
        "Held either way, nothing comes back, and all of it when the wire is whole again", arguments: [(1, 2), (2, 1)])
    func held(from: Int, to: Int) throws {
        let wire = try Wire()
        defer { wire.stop() }
        let (connection, listening) = try wire.dial()
        wire.say("hello", on: connection)
        #expect(listening.hears(5, within: Self.patience))
        wire.links.set(.held, from: from, to: to)
        wire.say("more", on: connection)
        #expect(!listening.hears(9, within: Self.moment))
        #expect(!listening.isCut(within: 0))
        wire.links.heal()
        #expect(listening.hears(9, within: Self.patience))
    }

    @Test("Who dials over a wire that is held is answered when it is whole")
    func dialledWhileHeld() throws {
        let wire = try Wire()
        defer { wire.stop() }
        wire.links.set(.held, from: 2, to: 1)
        let (connection, listening) = try wire.dial()
        wire.say("hello", on: connection)
        #expect(!listening.hears(1, within: Self.moment))
        wire.links.heal()
        #expect(listening.hears(5, within: Self.patience))
    }

    @Test("A wire that breaks ends what is connected and whatever connects")
    func breaking() throws {
        let wire = try Wire()
        defer { wire.stop() }
        let (connection, listening) = try wire.dial()
        wire.say("hello", on: connection)
        #expect(listening.hears(5, within: Self.patience))
        wire.links.setBreaking(true, between: 1, and: 2)
        #expect(listening.isCut(within: Self.patience))
        #expect(try wire.dial().1.isCut(within: Self.patience))
        wire.links.heal()
        let (again, hearing) = try wire.dial()
        wire.say("hello", on: again)
        #expect(hearing.hears(5, within: Self.patience))
    }

    @Test("A slow wire takes its delay each way, keeps the order and loses nothing")
    func slow() throws {
        let wire = try Wire()
        defer { wire.stop() }
        wire.links.set(.slow(delayMilliseconds: 100, bytesPerSecond: 1_000_000), from: 1, to: 2)
        wire.links.set(.slow(delayMilliseconds: 100, bytesPerSecond: 1_000_000), from: 2, to: 1)
        let (connection, listening) = try wire.dial()
        let began = EventLoop.monotonicNanoseconds()
        wire.say(String(repeating: "x", count: 100_000), on: connection)
        #expect(listening.hears(100_000, within: Self.patience))
        // Two delays, and a tenth of a second for the bytes.
        #expect(EventLoop.monotonicNanoseconds() - began > 290_000_000)
    }
}
