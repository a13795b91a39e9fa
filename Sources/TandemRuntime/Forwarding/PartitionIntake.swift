internal import TandemConsensus
internal import TandemCore
internal import TandemReadModel
internal import TandemWire

// The asked side: commands of streams, this node's own among them, run like any other; outcomes go back batch by batch.

/// Where outcomes go.
protocol OutcomeCarrier: AnyObject, Sendable {
    /// Returns at once.
    func carry(_ outcomes: ForwardedOutcomes, to node: NodeID)
    /// Another node that leads, as far as this one knows.
    var leaderElsewhere: NodeID? { get }
}

/// What a partition knows of those who ask it.
struct Intake {
    struct Stream {
        let name: StreamName
        /// The place of what came last.
        var last: UInt64 = 0
        /// The leadership that took its first; what another one would do may be out of order.
        var term: UInt64?
        /// One of it was not done: none behind it is.
        var isBroken = false
    }

    var streams: [NodeID: Stream] = [:]
    /// Outcomes of this batch of the executor.
    fileprivate var told: [(node: NodeID, outcomes: ForwardedOutcomes, carrier: any OutcomeCarrier)] = []

    mutating func breakStream(_ name: StreamName, of node: NodeID) {
        if streams[node]?.name == name { streams[node]?.isBroken = true }
    }
}

extension Partition {
    /// Takes commands that a node asks for, in the order in which they come.
    nonisolated func take(_ commands: ForwardedCommands, from node: NodeID, carrier: any OutcomeCarrier) {
        run { $0.takeNow(commands, from: node, carrier) }
    }

    /// The connection to a node is lost: what it asks next is another stream.
    nonisolated func forgetStream(of node: NodeID) {
        run { $0.intake.streams[node] = nil }
    }

    private func takeNow(_ commands: ForwardedCommands, from node: NodeID, _ carrier: any OutcomeCarrier) {
        let name = commands.stream
        var stream = intake.streams[node] ?? Intake.Stream(name: name)
        if stream.name < name { stream = Intake.Stream(name: name) }
        // Its asker has asked anew since.
        guard stream.name == name else { return }
        if stream.last != commands.previous { stream.isBroken = true }
        for item in commands.items {
            stream.last = item.place
            if phase == .leading, stream.term == nil { stream.term = term }
            if let begun = stream.term, begun != term { stream.isBroken = true }
            intake.streams[node] = stream
            let asked = Asked(node: node, stream: name, item: item, carrier: carrier)
            if stream.isBroken {
                tell(.outOfOrder, asked)
            } else if let named = item.command.partition, named != number {
                tell(.refused(Refusal(.notFound)), asked)
            } else {
                var input = Input(.command(item.command, item.key)) { [self] outcome in
                    assumeIsolated { $0.came(outcome, of: asked) }
                }
                input.failures = item.failures
                admit(input)
                // Turned away at once, it has broken the stream.
                stream.isBroken = intake.streams[node]?.isBroken ?? true
            }
        }
        intake.streams[node] = stream
    }

    /// Whom an outcome is for.
    private struct Asked: Sendable {
        let node: NodeID
        let stream: StreamName
        let item: ForwardedCommands.Item
        let carrier: any OutcomeCarrier
    }

    private func came(_ outcome: Outcome, of asked: Asked) {
        switch outcome {
        case .answered(let answer, let position): tell(.answered(answer, position: position.rawValue), asked)
        case .repeated(let answer, let position): tell(.repeated(answer, position: position.rawValue), asked)
        case .refused(let refusal): tell(.refused(refusal), asked)
        case .busy:
            // Then it is asked again, and what is behind it must not be done before.
            if asked.item.mayBeDone { intake.breakStream(asked.stream, of: asked.node) }
            tell(.busy, asked)
        case .unavailable(let reason):
            intake.breakStream(asked.stream, of: asked.node)
            let leader = asked.carrier.leaderElsewhere
            tell(.unavailable(ForwardedOutcomes.Trouble(reason), leader: leader?.value), asked)
        case .unknown:
            intake.breakStream(asked.stream, of: asked.node)
            tell(.unknown, asked)
        }
    }

    private func tell(_ verdict: ForwardedOutcomes.Verdict, _ asked: Asked) {
        let item = ForwardedOutcomes.Item(place: asked.item.place, verdict: verdict)
        if intake.told.isEmpty { executor.afterBatch { [self] in assumeIsolated { $0.carryOutcomes() } } }
        if let place = intake.told.lastIndex(where: { $0.node == asked.node }),
            intake.told[place].outcomes.stream == asked.stream,
            intake.told[place].outcomes.items.count < ForwardingCodec.itemsMax
        {
            intake.told[place].outcomes.items.append(item)
        } else {
            let outcomes = ForwardedOutcomes(stream: asked.stream, items: [item])
            intake.told.append((asked.node, outcomes, asked.carrier))
        }
    }

    private func carryOutcomes() {
        let told = intake.told
        intake.told = []
        for (node, outcomes, carrier) in told { carrier.carry(outcomes, to: node) }
    }
}
