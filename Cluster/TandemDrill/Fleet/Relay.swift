internal import TandemTransport

/// How a direction of a wire is.
enum WireState: Equatable, Sendable {
    case open
    /// Nothing passes: what is sent waits, as where packets are lost and sent again, and comes when the wire is whole.
    case held
    case slow(delayMilliseconds: UInt64, bytesPerSecond: Int)
}

/// The wire from one node to another: what the first dials in place of the second. It passes bytes both ways, or does
/// not, as it is told.
///
/// A connection is dialled on while both directions let something pass; made while one does not, it waits, as it would for
/// the other side's first packet. What one side does to end a connection is told the other behind the bytes before it, so
/// that nobody hears over a wire that is held.
// Safe: touched on the loop only, but for what is set before it starts.
final class Relay: @unchecked Sendable {
    let from: Int
    let to: Int
    private let loop: EventLoop
    private let target: SocketAddress
    private var listener: Listener?
    private var lines: [ObjectIdentifier: RelayLine] = [:]
    /// Towards `to`, and back.
    private var there = WireState.open
    private var back = WireState.open
    private var breaks = false

    init(from: Int, to: Int, target: SocketAddress, on loop: EventLoop) throws {
        self.from = from
        self.to = to
        self.target = target
        self.loop = loop
        listener = try Listener(
            on: loop, address: SocketAddress(host: "127.0.0.1", port: 0), backlog: 64, metrics: TransportMetrics(),
            onAccept: { [unowned self] descriptor, peer in
                // Behind what was set before somebody dialled: sockets come before the mailbox.
                loop.run { [self] in accepted(descriptor, peer) }
            })
        listener?.start()
    }

    /// Where the first node finds it.
    var port: UInt16 { listener?.address.port ?? 0 }

    /// Sets the direction from one node to the other; the wire must be theirs.
    func set(_ state: WireState, from sender: Int) {
        loop.run { [self] in
            if sender == from { there = state } else { back = state }
            for line in lines.values { line.set(there: there, back: back) }
        }
    }

    /// Breaks what is connected and whatever connects, until told otherwise.
    func setBreaking(_ isBreaking: Bool) {
        loop.run { [self] in
            breaks = isBreaking
            if breaks { for line in lines.values { line.close() } }
        }
    }

    /// Ends it; not on its loop.
    func stop() {
        listener?.stop()
        loop.run { [self] in for line in lines.values { line.close() } }
    }

    private func accepted(_ descriptor: Int32, _ peer: SocketAddress) {
        let connection = Connection(
            descriptor, loop: loop, peer: peer.description, connecting: false, tls: nil, limits: Limits(),
            metrics: TransportMetrics())
        let line = RelayLine(connection, target: target, loop: loop) { [unowned self] line in
            lines[ObjectIdentifier(line)] = nil
        }
        lines[ObjectIdentifier(line)] = line
        line.start()
        if breaks { line.close() } else { line.set(there: there, back: back) }
    }
}
