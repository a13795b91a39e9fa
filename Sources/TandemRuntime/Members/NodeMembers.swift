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

    /// How fast the contact centre's clock runs, and since when in milliseconds of the wall clock; nil: as it should.
    package var testClock: (factor: Int64, wall: Int64)? { anchor.map { ($0.factor, $0.wall) } }
}
