internal import TandemAPI
internal import TandemRuntime

// For operators: the cluster, as the node that is asked has it.
extension Routes {
    static let cluster = [
        Route(
            .get, "/v1/nodes", .operateNode, "The nodes of the cluster, as this one has them.",
            reply: .page(API.NodeLine.self)
        ) { call throws(Problem) in
            call.gateway.node.nodes { nodes in
                let lines = nodes.map { node in
                    API.NodeLine(
                        node: node.node, isSelf: node.isSelf, standing: node.standing.rawValue, role: node.role.word,
                        formatMin: node.formats.lowerBound, formatMax: node.formats.upperBound, format: node.format,
                        incarnation: node.incarnation, address: node.address, leads: node.leads,
                        queuedBytes: node.queuedBytes, lastLoss: node.lastLoss,
                        clockOffsetMilliseconds: node.clockOffsetMilliseconds, isClockOff: node.isClockOff)
                }
                call.answer(page: lines, next: nil)
            }
        },
        Route(
            .get, "/v1/partitions", .operateNode, "The partitions, who leads them and how far this node has them.",
            query: [
                .init(
                    "digest", .boolean,
                    "With what this node's records come to at `applied`: the same on all nodes. It takes a moment.")
            ], reply: .json(API.Partitions.self)
        ) { call throws(Problem) in
            let wantsDigest = call.query["digest"] == "true"
            NodeSurvey(call.gateway.node) { partition in
                (status: partition.status(), digest: wantsDigest ? partition.committedDigest : nil)
            } done: { found in
                let gateway = call.gateway
                let lines = found.map { partition, digest in
                    let members = gateway.node.members(of: partition.number)
                    return API.Partitions.Line(
                        partition: partition.number, phase: partition.phase.rawValue, leader: partition.leader,
                        voters: members.voters, learners: members.learners, term: partition.term,
                        applied: partition.committed, inFlight: partition.inFlight,
                        isServing: gateway.serves(partition), digest: digest?.text,
                        compared: gateway.node.comparison(of: partition.number).agreedAt,
                        trouble: partition.givenUp
                            ?? gateway.node.owedEntries(of: partition.number).map {
                                "damaged: \($0) entries have to come back from the others"
                            } ?? gateway.node.comparison(of: partition.number).trouble ?? partition.trouble?.rawValue)
                }
                call.answer(API.Partitions(node: gateway.node.configuration.node, partitions: lines))
            }.run()
        },
    ]
}
