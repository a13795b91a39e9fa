internal import TandemTransport

/// All wires between the nodes: one relay for each ordered pair, whoever dials.
final class Links {
    private let loop: EventLoop
    private let relays: [Relay]
    private var isStopped = false

    /// - Parameter peers: where each node, from 1 on, takes peers
    init(peers: [SocketAddress]) throws {
        loop = try EventLoop(name: "wires")
        loop.start()
        var relays: [Relay] = []
        for from in 1...peers.count {
            for to in 1...peers.count where to != from {
                relays.append(try Relay(from: from, to: to, target: peers[to - 1], on: loop))
            }
        }
        self.relays = relays
    }

    /// Where `from` finds `to`.
    func port(from: Int, to: Int) -> UInt16? { relays.first { $0.from == from && $0.to == to }?.port }

    /// What `from` says to `to`, on whichever of their connections.
    func set(_ state: WireState, from: Int, to: Int) {
        for relay in relays where (relay.from, relay.to) == (from, to) || (relay.from, relay.to) == (to, from) {
            relay.set(state, from: from)
        }
        settle()
    }

    /// Breaks what connects the two, and whatever connects them anew.
    func setBreaking(_ isBreaking: Bool, between one: Int, and other: Int) {
        for relay in relays where (relay.from, relay.to) == (one, other) || (relay.from, relay.to) == (other, one) {
            relay.setBreaking(isBreaking)
        }
        settle()
    }

    /// Every wire whole.
    func heal() {
        for relay in relays {
            relay.setBreaking(false)
            relay.set(.open, from: relay.from)
            relay.set(.open, from: relay.to)
        }
        settle()
    }

    /// What was told to the relays is so when this returns; not on their loop.
    private func settle() {
        let done = Semaphore()
        loop.run { done.signal() }
        done.wait()
    }

    /// May be called again.
    func stop() {
        guard !isStopped else { return }
        isStopped = true
        for relay in relays { relay.stop() }
        loop.stop()
    }
}
