/// What a network knows of one peer.
///
///     resting ── time ──▶ dialling ── its HELLO is good ──▶ connected
///        │                   │  └ gives way to an accepted one ┐   ▲
///        └── it dials us ────┴──────────▶ answering ◀──────────┘   │
///                                             └── READY ───────────┘
///     any of the three others ── its connection ends ──▶ resting
///
/// A peer whose address is not known rests until it dials us, and is forgotten when its connection ends.
// Safe: touched on its network's loop only; `Sendable` for the closure of its timer.
final class Peer: @unchecked Sendable {
    enum State {
        /// No connection; the timer is that of the next dial.
        case resting(TimerToken?)
        /// `held` is a connection of the peer's own that waits for what becomes of ours.
        case dialling(PeerLink, held: PeerLink?)
        /// An accepted connection of which the peer has not said yet that it stands.
        case answering(PeerLink)
        case connected(PeerLink)
    }

    let id: PeerID
    var address: SocketAddress?
    var state = State.resting(nil)
    /// Dials since it was last connected to.
    var failures = 0
    var identity: PeerIdentity?
    var lastLoss: PeerLoss?
    var figures = PeerStatus.Figures()

    init(_ id: PeerID) { self.id = id }

    /// The link over which frames pass, when there is one.
    @inline(__always)
    var link: PeerLink? {
        if case .connected(let link) = state { return link }
        return nil
    }
}

/// How it stands with a peer, for operators.
package struct PeerStatus: Sendable, Equatable {
    package enum State: String, Sendable { case resting, dialling, answering, connected }

    /// Counted since the peer is known.
    package struct Figures: Sendable, Equatable {
        package var framesIn = 0
        package var framesOut = 0
        /// Payload bytes.
        package var bytesIn = 0
        package var bytesOut = 0
        /// Frames that met a full queue and were forgotten.
        package var dropped = 0
        /// Frames that met a full queue and were given back to the caller.
        package var refused = 0
        /// How often it was connected.
        package var connections = 0
    }

    package let node: PeerID
    /// Where it is dialled; nil when only it can dial us.
    package let address: String?
    package let state: State
    /// What it said of itself when it was last connected.
    package let identity: PeerIdentity?
    /// Bytes that wait for it.
    package let queuedBytes: Int
    package let lastLoss: PeerLoss?
    package let figures: Figures
}
