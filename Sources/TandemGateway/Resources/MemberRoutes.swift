internal import TandemAPI
internal import TandemCore
internal import TandemRuntime
internal import TandemTransport
internal import TandemWire

// Changing who belongs to the cluster and who leads; on any of its nodes.
extension Routes {
    static let members = [
        Route(
            .get, "/v1/cluster", .operateNode, "The cluster as its nodes have agreed on, as far as this one has heard.",
            reply: .json(API.Cluster.self)
        ) { call throws(Problem) in
            call.gateway.node.clusterState { call.answer(.success($0)) }
        },
        Route(
            .put, "/v1/cluster/replicas", .changeMembers,
            "Say how many nodes vote for each partition. Votes are given and taken one change at a time; nothing stops.",
            body: .json(API.ReplicaCount.self), reply: .json(API.Cluster.self)
        ) { call throws(Problem) in
            let count: API.ReplicaCount = try call.body()
            switch count.replicas {
            case .three: call.changeMembers(.replicas(.three))
            case .five: call.changeMembers(.replicas(.five))
            }
        },
        Route(
            .post, "/v1/nodes", .changeMembers,
            "Let a node join. It is sent everything and takes part when it has caught up; one that comes back with "
                + "another disk takes the place of its old life.",
            body: .json(API.NodeAddition.self), reply: .json(API.Cluster.self)
        ) { call throws(Problem) in
            call.changeMembers(.join(try joining(call.body(), call.gateway.node)))
        },
        Route(
            .post, "/v1/nodes/{node}/drain", .steerLeaders,
            "Have a node lead nothing any more. It keeps its vote; added again it serves again.", ids: [nil],
            reply: .json(API.Cluster.self)
        ) { call throws(Problem) in
            call.changeMembers(.drain(try call.number()))
        },
        Route(
            .post, "/v1/nodes/{node}/remove", .changeMembers,
            "Let a node belong no more, if a majority of the others is there.", ids: [nil],
            reply: .json(API.Cluster.self)
        ) { call throws(Problem) in
            call.changeMembers(.remove(try call.number()))
        },
        Route(
            .post, "/v1/nodes/{node}/replace", .changeMembers,
            "Void a node's disk: it may come back with an empty one, and takes the place of its old life then.",
            ids: [nil], reply: .json(API.Cluster.self)
        ) { call throws(Problem) in
            call.gateway.node.replace(try call.number()) { call.answer($0) }
        },
        Route(
            .post, "/v1/partitions/{partition}/transfer", .steerLeaders,
            "Hand the leadership of a partition to a node. By and by it goes back where the cluster would have it.",
            ids: [nil], body: .json(API.LeaderTransfer.self), reply: .json(API.Cluster.self)
        ) { call throws(Problem) in
            let transfer: API.LeaderTransfer = try call.body()
            guard let partition = UInt16(call.text()) else { throw Problem(.notFound) }
            call.changeMembers(.transfer(partition: partition, to: transfer.to))
        },
    ]

    private static func joining(_ body: API.NodeAddition, _ node: Node) throws(Problem) -> ClusterRequest.Joining {
        guard SocketAddress(numbers: body.address) != nil else {
            throw Problem(
                .invalid, field: "address", detail: "An address as numbers and a port, such as 10.0.0.4:7500.")
        }
        let disk = body.disk.map { UInt64($0, radix: 16) ?? 0 } ?? 0
        guard body.disk == nil || disk != 0 else {
            throw Problem(.invalid, field: "disk", detail: "Sixteen hexadecimal digits.")
        }
        // Who is only announced says what he reads when he is there; until then nothing newer is written than now.
        let (oldest, newest) = (body.formatMin ?? WireVersion.first, body.formatMax ?? node.agreedFormat)
        guard oldest <= newest else { throw Problem(.invalid, field: "formatMin", detail: "It exceeds formatMax.") }
        return ClusterRequest.Joining(node: body.node, disk: disk, address: body.address, formats: oldest...newest)
    }
}

extension Call {
    fileprivate func number() throws(Problem) -> UInt32 {
        guard let number = UInt32(text()) else { throw Problem(.notFound) }
        return number
    }

    fileprivate func changeMembers(_ request: ClusterRequest) {
        gateway.node.carryOut(request) { self.answer($0) }
    }

    fileprivate func answer(_ result: Result<ClusterState, ClusterRefusal>) {
        switch result {
        case .success(let state):
            let tellsDisks = caller.map { $0.reach(.changeMembers) != .none } ?? false
            answer(API.Cluster(state, on: gateway.node, tellsDisks: tellsDisks))
        case .failure(let refusal): refuse(Problem(refusal))
        }
    }
}

extension Problem {
    fileprivate init(_ refusal: ClusterRefusal) {
        let code: ErrorCode =
            switch refusal.code {
            case .unknownNode: .notFound
            case .numberTaken: .alreadyExists
            case .tooManyNodes: .limitExceeded
            case .wouldLoseMajority: .majorityAtRisk
            case .mayNotLead: .nodeMayNotLead
            case .noLeader: .notLeading
            case .notReachable: .nodeNotReachable
            case .formatNotRead: .formatNotRead
            }
        self.init(code, detail: refusal.detail)
    }
}

extension API.Cluster {
    /// - Parameter tellsDisks: only to who may change members: without TLS between nodes whoever names a node's disk is that
    ///   node to the others.
    fileprivate init(_ state: ClusterState, on node: Node, tellsDisks: Bool) {
        self.init(
            cluster: "\(state.id)", name: state.name, format: state.format, replicas: state.replicas.rawValue,
            partitions: node.partitionCount, testClock: node.testClock?.factor, testClockSince: node.testClock?.wall,
            nodes: state.members.map { member in
                Member(
                    node: member.node, generation: member.generation,
                    disk: member.disk == 0 || !tellsDisks ? nil : member.disk.sixteenDigits, address: member.address,
                    role: member.role.word, formatMin: member.formats.lowerBound,
                    formatMax: member.formats.upperBound)
            })
    }
}
