/// Why a connection to a peer is no more.
package enum PeerLoss: Hashable, Sendable, CustomStringConvertible {
    /// The peer closed it: its process ended, or it had a reason that it told.
    case ended
    /// The peer's machine or the network broke it.
    case reset
    /// Nothing came for `PeerLimits.silenceMilliseconds`.
    case silent
    /// It took nothing of what waited for it.
    case slow
    /// The handshake did not come to its end in time.
    case late
    /// It could not be connected to.
    case unreachable(String)
    /// The TLS layer refused, here or there.
    case untrusted(String)
    /// The peer refused us.
    case refused(PeerRefusal)
    /// We refused the peer.
    case refusing(PeerRefusal)
    /// A later life of the same node speaks.
    case superseded
    /// This side is ending.
    case closed

    package var description: String {
        switch self {
        case .ended: "it closed the connection"
        case .reset: "the connection broke"
        case .silent: "it was silent for too long"
        case .slow: "it took nothing of what waited for it"
        case .late: "the handshake took too long"
        case .unreachable(let text): "it cannot be reached: \(text)"
        case .untrusted(let text): "TLS refused: \(text)"
        case .refused(let refusal): "it refused us: \(refusal)"
        case .refusing(let refusal): "refused: \(refusal)"
        case .superseded: "a later life of it speaks"
        case .closed: "this side is ending"
        }
    }
}

/// What an operator should know; each is one line of a log.
package enum PeerEvent: Equatable, Sendable, CustomStringConvertible {
    /// Connected; `at` is the other end of the connection.
    case found(PeerIdentity, at: String, dialled: Bool, secured: Bool)
    case lost(PeerID, PeerLoss)
    /// A dial came to nothing. The same again is not told for a while.
    case notReached(PeerID, at: String, PeerLoss)
    /// Somebody who dialled us was not let in; `who` is what they said they are. The same again is not told for a while.
    case turnedAway(PeerIdentity?, at: String, PeerLoss)
    /// Nothing is accepted any more: the owner listens again.
    case listenerFailed(TransportError)

    package var description: String {
        switch self {
        case .found(let peer, let address, let dialled, let secured):
            "peer \(peer): connected \(dialled ? "to" : "from") \(address)\(secured ? " over TLS" : "")"
        case .lost(let node, let loss): "peer \(node): lost: \(loss)"
        case .notReached(let node, let address, let loss): "peer \(node) at \(address): \(loss)"
        case .turnedAway(let who, let address, let loss):
            "\(who.map { "peer \($0)" } ?? "somebody") from \(address): \(loss)"
        case .listenerFailed(let error): "the peers' port failed: \(error)"
        }
    }
}

/// Lets each trouble through once in a while, and a bounded number of them.
struct PeerTroubles {
    private struct Key: Hashable {
        let node: PeerID?
        let loss: PeerLoss
    }

    private var seenAt: [Key: UInt64] = [:]

    /// Whether it is news at `now`, in monotonic nanoseconds. Ports are not told apart: each dial has another.
    mutating func isNews(_ node: PeerID?, _ loss: PeerLoss, at now: UInt64) -> Bool {
        let key = Key(node: node, loss: loss)
        let silence = PeerLimits.troubleSilenceMilliseconds * 1_000_000
        if let before = seenAt[key], now - before < silence { return false }
        if seenAt.count >= PeerLimits.troublesMax { seenAt = seenAt.filter { now - $0.value < silence } }
        guard seenAt.count < PeerLimits.troublesMax else { return false }
        seenAt[key] = now
        return true
    }
}
