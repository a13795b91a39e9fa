/// What links tell their network.
extension PeerNetwork {
    // MARK: Handshakes

    /// A link has the peer's HELLO; it is opened, answered, held or refused.
    func linkAsked(_ link: PeerLink) {
        guard let hello = link.hello else { return }
        if let refusal = refusal(of: hello, on: link) { return link.refuse(refusal) }
        if link.dialled != nil {
            link.open()
            return linkOpened(link)
        }
        let peer = peer(hello.identity.node)
        switch peer.state {
        case .resting(let timer):
            if let timer { loop.cancel(timer) }
            answer(link, peer)
        case .dialling(let dial, let held):
            held?.refuse(Self.connected)
            if dial.hasAsked, configuration.identity.node < peer.id {
                peer.state = .dialling(dial, held: link)
            } else {
                answer(link, peer)
                dial.end(.closed)
            }
        case .answering(let earlier):
            answer(link, peer)
            earlier.end(.closed)
        case .connected(let standing):
            guard let known = standing.hello, known.identity.life < hello.identity.life else {
                // Either the peer has lost its side of ours, which a ping brings to light, or it will give way.
                standing.ping()
                return link.refuse(Self.connected)
            }
            standing.end(.superseded)
            // The owner has heard of it, and may have ended everything.
            if owner != nil { linkAsked(link) }
        }
    }

    private static let connected = PeerRefusal(.connected, "connected already")

    private func answer(_ link: PeerLink, _ peer: Peer) {
        peer.state = .answering(link)
        link.answer(hello(to: peer.id))
    }

    /// Both sides have admitted each other.
    func linkOpened(_ link: PeerLink) {
        guard let identity = link.hello?.identity, let owner else { return link.end(.closed) }
        handshakes.removeAll { $0 === link }
        let peer = peer(identity.node)
        if case .dialling(_, let held?) = peer.state { held.refuse(Self.connected) }
        peer.state = .connected(link)
        peer.failures = 0
        peer.identity = identity
        peer.figures.connections += 1
        lives[peer.id] = identity.life
        startHeartbeat()
        let isSecured = configuration.security != nil
        owner.happened(
            .found(identity, at: link.connection.peer, dialled: link.dialled != nil, secured: isSecured))
        owner.found(identity)
    }

    /// Why a HELLO is not good, in the order in which an operator would want to know.
    private func refusal(of hello: PeerHello, on link: PeerLink) -> PeerRefusal? {
        let (mine, theirs) = (configuration.identity, hello.identity)
        guard mine.protocolShared(with: theirs) != nil else {
            return PeerRefusal(
                .protocolVersion, "\(mine.node) speaks versions \(mine.protocols), \(theirs.node) \(theirs.protocols)")
        }
        guard theirs.cluster == mine.cluster else {
            return PeerRefusal(
                .otherCluster, "\(mine.node) is of cluster \(mine.cluster), \(theirs.node) of \(theirs.cluster)")
        }
        guard theirs.node != mine.node else {
            return PeerRefusal(.selfClaimed, "this is \(mine.node) itself, life \(mine.life)")
        }
        if let meant = link.dialled, meant != theirs.node {
            return PeerRefusal(.wrongNode, "\(meant) was dialled and \(theirs.node) answered")
        }
        guard hello.to == mine.node else {
            return PeerRefusal(.wrongNode, "\(hello.to) was meant, and this is \(mine.node)")
        }
        let name = PeerSecurity.name(of: theirs.node)
        guard link.connection.peerIsCertified(as: name) ?? true else {
            return PeerRefusal(.certificate, "the certificate is not for \(name)")
        }
        if let latest = lives[theirs.node], theirs.life < latest {
            return PeerRefusal(
                .generation, "life \(theirs.life) of \(theirs.node) was superseded by its life \(latest)")
        }
        return owner?.admits(theirs)
    }

    // MARK: Traffic

    func link(_ link: PeerLink, received frame: PeerFrame) {
        guard let node = link.hello?.identity.node, let peer = peers[node] else { return }
        peer.figures.framesIn += 1
        peer.figures.bytesIn += frame.payload.count
        owner?.received(frame, from: node)
    }

    // MARK: The end

    /// A link is of no use any more. One that no state holds was replaced, and its end is no news.
    func link(_ link: PeerLink, ended loss: PeerLoss) {
        let node = link.dialled ?? link.hello?.identity.node
        guard let node, let peer = peers[node] else { return turnedAway(link, loss) }
        switch peer.state {
        case .dialling(let dial, let held) where dial === link:
            peer.lastLoss = loss
            peer.state = .resting(nil)
            if isTrouble(loss) { tellNotReached(node, at: link.connection.peer, loss) }
            if let held { linkAsked(held) }
            if case .resting = peer.state { rest(peer) }
        case .dialling(let dial, let held) where held === link:
            peer.state = .dialling(dial, held: nil)
        case .answering(let answering) where answering === link:
            peer.lastLoss = loss
            turnedAway(link, loss)
            rest(peer)
        case .connected(let connected) where connected === link:
            peer.lastLoss = loss
            rest(peer)
            owner?.happened(.lost(node, loss))
            owner?.lost(node, loss)
        case .resting, .dialling, .answering, .connected: turnedAway(link, loss)
        }
    }

    /// The socket of a link is closed.
    func linkClosed(_ link: PeerLink) { handshakes.removeAll { $0 === link } }

    private func turnedAway(_ link: PeerLink, _ loss: PeerLoss) {
        guard link.dialled == nil, isTrouble(loss) else { return }
        tellTurnedAway(link, loss)
    }

    /// Whether an operator has to know of a handshake that came to nothing.
    private func isTrouble(_ loss: PeerLoss) -> Bool {
        switch loss {
        case .refused(let refusal), .refusing(let refusal): refusal.code != .connected
        case .ended, .closed, .superseded: false
        case .reset, .silent, .slow, .late, .unreachable, .untrusted: true
        }
    }
}
