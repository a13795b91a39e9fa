internal import Glibc

/// One connection between two nodes, and how far its handshake is.
///
///     dialled:   opening ── TCP, TLS ──▶ asked ── HELLO ──▶ judged ── open() ───────────────▶ open
///     accepted:  asked ── HELLO ──▶ judged ── answer() ──▶ answered ── READY ───────────────▶ open
///     any: refuse(), a refusal, an error, time ─────────────────────────────────────────────▶ ended
///
/// The network judges a HELLO; until it has, nothing more may come. `ended` comes before the socket is closed where a
/// refusal still has to reach the peer.
// Safe: touched on its loop only; `Sendable` for the closures of its deadline.
final class PeerLink: ConnectionOwner, @unchecked Sendable {
    private enum Phase { case opening, asked, judged, answered, open, ended }

    let connection: Connection
    /// Whom we dialled; nil for an accepted connection.
    let dialled: PeerID?
    private let network: PeerNetwork
    private var phase: Phase
    private var decoder = PeerFrameDecoder(payloadBytesMax: PeerLimits.strangerBytesMax)
    private var deadline: Deadline?
    private var prefaceSent = false
    /// What the peer has said of itself.
    private(set) var hello: PeerHello?
    /// When something came last, and when something was said last; monotonic nanoseconds.
    private(set) var heardAt: UInt64
    private(set) var saidAt: UInt64

    init(_ connection: Connection, dialled: PeerID?, network: PeerNetwork) {
        self.connection = connection
        self.dialled = dialled
        self.network = network
        phase = dialled == nil ? .asked : .opening
        heardAt = connection.loop.batchTime
        saidAt = heardAt
    }

    func start() throws(TransportError) {
        try connection.start(self)
        connection.boundUnsent(PeerLimits.unsentBytesMax)
        let deadline = Deadline(connection.loop) { [unowned self] in end(.late) }
        self.deadline = deadline
        deadline.set(afterMilliseconds: network.configuration.limits.handshakeMilliseconds)
    }

    var isOpen: Bool { phase == .open }

    /// Our HELLO is out, so that the peer decides about this connection.
    var hasAsked: Bool { dialled != nil && phase != .opening }

    // MARK: Sending

    /// Appends a frame, to leave at the end of the batch.
    func send(_ kind: UInt8, channel: UInt16, _ payload: UnsafeRawBufferPointer) {
        guard phase != .ended, connection.mayWrite() else { return }
        if !prefaceSent {
            prefaceSent = true
            connection.output.append(PeerFrame.preface)
        }
        PeerFrame.write(to: &connection.output, kind: kind, channel: channel, payload: payload)
        saidAt = connection.loop.batchTime
        connection.flushSoon()
    }

    private func say(_ kind: PeerLinkKind, _ payload: [UInt8] = []) {
        payload.withUnsafeBytes { send(kind.rawValue, channel: 0, $0) }
    }

    /// Says that we are there; when bytes wait, the peer will hear from those.
    func ping() {
        guard phase == .open, connection.outstandingBytes == 0 else { return }
        say(.ping)
    }

    // MARK: The handshake

    /// Accepted: admits the peer by telling it who we are.
    func answer(_ mine: PeerHello) {
        precondition(phase == .judged && dialled == nil, "an accepted link is answered once, after its HELLO")
        phase = .answered
        say(.hello, mine.bytes)
    }

    /// Dialled: admits the peer, which may send from now on as we may.
    func open() {
        precondition(phase == .judged && dialled != nil, "a dialled link opens once, after the peer's HELLO")
        say(.ready)
        becomeOpen()
    }

    private func becomeOpen() {
        phase = .open
        deadline?.cancel()
        deadline = nil
        decoder.payloadBytesMax = network.configuration.limits.frameBytesMax
    }

    // MARK: Receiving

    func connectionOpened(_ connection: Connection) {
        guard let dialled, phase == .opening else { return }
        phase = .asked
        say(.hello, network.hello(to: dialled).bytes)
    }

    func connection(_ connection: Connection, received bytes: UnsafeMutableRawBufferPointer) {
        heardAt = connection.loop.batchTime
        let bytes = UnsafeRawBufferPointer(bytes)
        var offset = 0
        do throws(PeerViolation) {
            while phase != .ended, let frame = try decoder.next(bytes, from: &offset) { try take(frame) }
        } catch {
            refuse(PeerRefusal(.malformed, "\(error)"))
        }
    }

    private func take(_ frame: PeerFrame) throws(PeerViolation) {
        switch phase {
        case .open:
            if PeerKind.codes.contains(frame.kind) { return network.link(self, received: frame) }
            if frame.kind == PeerLinkKind.ping.rawValue { return }
        case .asked:
            if frame.kind == PeerLinkKind.hello.rawValue {
                hello = try PeerHello(frame.payload)
                phase = .judged
                return network.linkAsked(self)
            }
        case .answered:
            if frame.kind == PeerLinkKind.ready.rawValue {
                becomeOpen()
                return network.linkOpened(self)
            }
        case .opening, .judged, .ended: break  // Nothing may come, but a refusal.
        }
        guard frame.kind == PeerLinkKind.refused.rawValue else { throw .unexpected(kind: frame.kind) }
        end(.refused(try PeerRefusal(frame.payload)))
    }

    // MARK: The end

    /// Ends the connection and tells the peer why.
    func refuse(_ refusal: PeerRefusal) {
        guard phase != .ended else { return }
        say(.refused, refusal.bytes)
        over(.refusing(refusal))
        connection.finish(.refused)
    }

    /// Ends the connection to a peer that is not heard, and says so: should it hear us, it does not take us for dead.
    func giveUp() {
        guard phase == .open else { return end(.silent) }
        say(.refused, PeerRefusal(.silent, "nothing was heard for too long").bytes)
        over(.silent)
        connection.finish(.refused)
    }

    /// Ends the connection at once.
    func end(_ loss: PeerLoss) {
        over(loss)
        connection.close(.finished)
    }

    private func over(_ loss: PeerLoss) {
        guard phase != .ended else { return }
        phase = .ended
        deadline?.cancel()
        deadline = nil
        network.link(self, ended: loss)
    }

    func connectionPeerFinished(_ connection: Connection) { end(.ended) }

    func connectionDrained(_ connection: Connection) {}  // What is too much is dropped, or given back.

    func connectionClosed(_ connection: Connection, _ reason: CloseReason) {
        over(loss(reason))
        network.linkClosed(self)
    }

    private func loss(_ reason: CloseReason) -> PeerLoss {
        let text = connection.failure?.message
        switch reason {
        case .peerClosed, .finished: return .ended
        case .slowReader: return .slow
        case .tlsFailed: return .untrusted(text ?? "the handshake was broken off")
        case .connectFailed: return .unreachable(text ?? "no answer")
        case .shutdown: return .closed
        case .reset, .requestTimeout, .idleTimeout, .protocolViolation, .refused, .abandoned: return .reset
        }
    }
}
