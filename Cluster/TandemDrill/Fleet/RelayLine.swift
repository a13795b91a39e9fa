internal import TandemTransport

/// One connection through a relay: a near end that was accepted, a far end that is dialled, and a flow each way.
final class RelayLine {
    private let near: RelayEnd
    private var far: RelayEnd?
    private let there: RelayFlow
    private let back: RelayFlow
    private let target: SocketAddress
    private let loop: EventLoop
    private var ended: ((RelayLine) -> Void)?

    init(_ connection: Connection, target: SocketAddress, loop: EventLoop, ended: @escaping (RelayLine) -> Void) {
        near = RelayEnd(connection)
        there = RelayFlow(loop)
        back = RelayFlow(loop)
        self.target = target
        self.loop = loop
        self.ended = ended
    }

    func start() {
        near.outgoing = there
        near.incoming = back
        near.onClosed = { [weak self] in self?.nearClosed() }
        there.source = near
        back.sink = near
        near.start()
    }

    func set(there thereState: WireState, back backState: WireState) {
        guard ended != nil else { return }
        there.state = thereState
        back.state = backState
        if far == nil, thereState != .held, backState != .held { dial() }
    }

    private func dial() {
        guard
            let connection = try? Connection.connecting(
                to: target, loop: loop, tls: nil, limits: Limits(), metrics: TransportMetrics())
        else { return close() }
        let far = RelayEnd(connection)
        self.far = far
        far.outgoing = back
        far.incoming = there
        far.onClosed = { [weak self] in self?.farClosed() }
        back.source = far
        far.start()
        // What the near end has said meanwhile follows at once.
        there.sink = far
    }

    /// The far end hears it behind all that was said before; there is none yet if nothing could pass.
    private func nearClosed() {
        guard far != nil else { return over() }
        there.end()
        finishIfOver()
    }

    private func farClosed() {
        back.end()
        finishIfOver()
    }

    private func finishIfOver() {
        if near.isClosed, far?.isClosed ?? true { over() }
    }

    func close() {
        near.close()
        far?.close()
        over()
    }

    private func over() {
        let ended = self.ended
        self.ended = nil
        there.stop()
        back.stop()
        ended?(self)
    }
}

/// One side of a line.
final class RelayEnd: ConnectionOwner {
    private let connection: Connection
    /// What it says goes there.
    weak var outgoing: RelayFlow?
    /// What it is told comes from there.
    weak var incoming: RelayFlow?
    var onClosed: (() -> Void)?

    init(_ connection: Connection) { self.connection = connection }

    func start() {
        // It is closed again when it cannot be watched.
        if (try? connection.start(self)) == nil { onClosed?() }
    }

    var isClosed: Bool { connection.isClosed }
    var isCongested: Bool { connection.isCongested }
    func pause() { connection.pauseReading() }
    func resume() { connection.resumeReading() }
    func finish() { connection.finish() }
    func close() { connection.close(.reset) }
    func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { _ = connection.write($0) } }

    func connectionOpened(_ connection: Connection) {}
    func connection(_ connection: Connection, received bytes: UnsafeMutableRawBufferPointer) {
        outgoing?.take(Array(bytes))
    }
    func connectionPeerFinished(_ connection: Connection) { outgoing?.end() }
    func connectionDrained(_ connection: Connection) { incoming?.pump() }
    func connectionClosed(_ connection: Connection, _ reason: CloseReason) { onClosed?() }
}
