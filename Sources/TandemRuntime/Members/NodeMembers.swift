internal import TandemTransport

// What operators change about a cluster, on whichever of its nodes they ask.
extension Node {
    /// Has a request carried out, wherever what decides it is led; `done` is called on some thread, within ten seconds or
    /// little more.
    package func carryOut(
        _ request: ClusterRequest, done: @escaping @Sendable (Result<ClusterState, ClusterRefusal>) -> Void
    ) {
        guard let desk = cluster.desk else {
            return done(
                .failure(
                    ClusterRefusal(.notReachable, "no other node can reach this one: start it with --peer-listen")))
        }
        desk.submit(request, reply: done)
    }

    /// Voids the life in which a node takes part: it may come back with an empty disk.
    package func replace(
        _ node: UInt32, done: @escaping @Sendable (Result<ClusterState, ClusterRefusal>) -> Void
    ) {
        consensus.run { [self] in
            let generation = cluster.system.state.member(node)?.generation ?? 0
            carryOut(.replace(node, generation: generation), done: done)
        }
    }

    /// An operator has it drained: it leads nothing, and its clients are to go elsewhere.
    package var isDrained: Bool { cluster.drainage.isOn }

    /// Called on some thread whenever it begins to be drained.
    package func onDrained(_ hook: @escaping @Sendable () -> Void) { cluster.drainage.onBegin(hook) }

    /// The nodes that clients may go to instead, by number; those that are there, if any is.
    package var elsewhere: [UInt32] { cluster.drainage.elsewhere }

    /// The node is going: hands over what it leads, so that nobody has to notice that it is gone. Returns when it leads
    /// nothing that others could, or after `Self.handOverNanoseconds`.
    ///
    /// - Returns: how many groups it still leads; 0 for a node alone.
    package func handOver() async -> Int {
        guard let network else { return 0 }
        network.sayGoodbye()
        let deadline = EventLoop.monotonicNanoseconds() + Self.handOverNanoseconds
        while EventLoop.monotonicNanoseconds() < deadline {
            let left = await withCheckedContinuation { (done: CheckedContinuation<Int, Never>) in
                consensus.run { [self] in
                    done.resume(returning: cluster.leave(at: EventLoop.monotonicNanoseconds()))
                }
            }
            if left == 0 { break }
            // A handing over takes two round trips and two writes.
            try? await Task.sleep(for: .milliseconds(10))
        }
        return groups.count { $0.leader == $0.id }
    }

    /// A hundred times what it takes where all is well; whoever does not answer by then is not waited for.
    private static let handOverNanoseconds: UInt64 = 2_000_000_000

    /// How fast the contact centre's clock runs, and since when in milliseconds of the wall clock; nil: as it should.
    package var testClock: (factor: Int64, wall: Int64)? { anchor.map { ($0.factor, $0.wall) } }
}
