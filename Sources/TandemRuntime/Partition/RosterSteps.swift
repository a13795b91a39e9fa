internal import TandemCore
internal import TandemWire

// Stepping an actor whatever its kind. Each function is one switch over the kinds; none of them decides anything.

extension Roster {
    /// Hands a command to the actor it is addressed to; a nil address is minted first. The actor is named even when it
    /// refuses, so that an absent one can be taken out again.
    func decide(
        _ command: Command, _ turn: inout TurnContext, addressed: inout ActorID?
    ) throws(DecideError) -> Decision {
        switch command {
        case .tenant(let id, let instruction):
            let id = id ?? turn.mint()
            addressed = ActorID(id)
            return try entity(tenant: id).deciding(instruction, &turn)
        case .queue(let id, let instruction):
            let id = id ?? turn.mint()
            addressed = ActorID(id)
            return try entity(queue: id).deciding(instruction, &turn)
        case .agent(let id, let instruction):
            let id = id ?? turn.mint()
            addressed = ActorID(id)
            return try entity(agent: id).deciding(instruction, &turn)
        case .customer(let id, let instruction):
            let id = id ?? turn.mint()
            addressed = ActorID(id)
            return try entity(customer: id).deciding(instruction, &turn)
        case .conversation(let id, let instruction):
            let id = id ?? turn.mint()
            addressed = ActorID(id)
            return try entity(conversation: id).deciding(instruction, &turn)
        case .credential(let id, let instruction):
            let id = id ?? turn.mint()
            addressed = ActorID(id)
            return try entity(credential: id).deciding(instruction, &turn)
        case .quarantine(let instruction):
            addressed = ActorID.quarantine(of: turn.minter.partition)
            return try quarantine.deciding(instruction, &turn)
        case .delivery(let id, let instruction):
            addressed = ActorID(id)
            return try entity(delivery: id).deciding(instruction, &turn)
        }
    }

    /// Wakes the actor whose timer fired; one that has left memory answers nothing.
    func wake(_ actor: ActorID, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        switch actor.kind {
        case .tenant: try wake(tenants[actor.raw], &turn)
        case .queue: try wake(queues[actor.raw], &turn)
        case .agent: try wake(agents[actor.raw], &turn)
        case .customer: try wake(customers[actor.raw], &turn)
        case .conversation: try wake(conversations[actor.raw], &turn)
        case .credential: try wake(credentials[actor.raw], &turn)
        case .quarantine: try wake(quarantine, &turn)
        case .delivery: try wake(deliveries[actor.raw], &turn)
        }
    }

    private func wake<M: Machine>(
        _ entity: Entity<M>?, _ turn: inout TurnContext
    ) throws(DecideError) -> Decision {
        guard let entity else { return Decision() }
        return try entity.waking(&turn)
    }

    /// Applies an event to one of the actors it concerns and keeps the routing indexes in step.
    ///
    /// - Returns: the record before, and whether the actor is absent still.
    func apply(_ event: Event, to actor: ActorID, at now: Timestamp) -> (before: Record, absent: Bool) {
        switch actor.kind {
        case .tenant:
            let (before, after) = apply(event, to: entity(tenant: TenantID(raw: actor.raw)), actor, at: now)
            if case .slaPolicyPut = event { policies.want() }
            if case .webhookPut = event { telling.update(tenant: after) }
            return (.tenant(before), after.isAbsent)
        case .queue:
            let (before, after) = apply(event, to: entity(queue: QueueID(raw: actor.raw)), actor, at: now)
            router.update(queue: before.present, after: after.present)
            if case .queueChanged = event, !before.settings.promisesLike(after.settings) { policies.want() }
            return (.queue(before), after.isAbsent)
        case .agent:
            let (before, after) = apply(event, to: entity(agent: AgentID(raw: actor.raw)), actor, at: now)
            router.update(agent: before.present, after: after.present)
            return (.agent(before), after.isAbsent)
        case .customer:
            let (before, after) = apply(event, to: entity(customer: CustomerID(raw: actor.raw)), actor, at: now)
            return (.customer(before), after.isAbsent)
        case .conversation:
            let (before, after) = apply(event, to: entity(conversation: ConversationID(raw: actor.raw)), actor, at: now)
            router.update(conversation: before.present, after: after.present)
            return (.conversation(before), after.isAbsent)
        case .credential:
            let (before, after) = apply(event, to: entity(credential: CredentialID(raw: actor.raw)), actor, at: now)
            return (.credential(before), after.isAbsent)
        case .quarantine:
            let (before, after) = apply(event, to: quarantine, actor, at: now)
            return (.quarantine(before), after.isAbsent)
        case .delivery:
            let (before, after) = apply(event, to: entity(delivery: DeliveryID(raw: actor.raw)), actor, at: now)
            telling.update(delivery: before, after: after)
            return (.delivery(before), after.isAbsent)
        }
    }

    @inline(__always)
    private func apply<M: Machine>(
        _ event: Event, to entity: Entity<M>, _ actor: ActorID, at now: Timestamp
    ) -> (before: M, after: M) {
        let (before, after, isNews) = entity.assumeIsolated { entity in
            let (before, isNews) = (entity.machine, !entity.isUnhashed)
            entity.apply(event, at: now)
            entity.isUnhashed = true
            return (before, entity.machine, isNews)
        }
        changed(actor, isNews: isNews)
        return (before, after)
    }

    /// Puts a record in the actor's place, in memory or coming from the store, and the routing indexes with it.
    func put(_ record: Record) {
        let actor = record.actor
        switch record {
        case .tenant(let tenant):
            _ = restore(entity(tenant: tenant.id), tenant, actor)
            telling.update(tenant: tenant)
        case .queue(let queue):
            router.update(queue: restore(entity(queue: queue.id), queue, actor).present, after: queue.present)
        case .agent(let agent):
            router.update(agent: restore(entity(agent: agent.id), agent, actor).present, after: agent.present)
        case .customer(let customer): _ = restore(entity(customer: customer.id), customer, actor)
        case .conversation(let conversation):
            let before = restore(entity(conversation: conversation.id), conversation, actor)
            router.update(conversation: before.present, after: conversation.present)
        case .credential(let credential): _ = restore(entity(credential: credential.id), credential, actor)
        case .quarantine(let quarantine): _ = restore(self.quarantine, quarantine, actor)
        case .delivery(let delivery):
            telling.update(delivery: restore(entity(delivery: delivery.id), delivery, actor), after: delivery)
        }
    }

    private func restore<M: Machine>(_ entity: Entity<M>, _ machine: M, _ actor: ActorID) -> M {
        let (before, isNews) = entity.assumeIsolated { entity in
            let (before, isNews) = (entity.machine, !entity.isUnhashed)
            entity.restore(machine)
            entity.isUnhashed = true
            return (before, isNews)
        }
        changed(actor, isNews: isNews)
        return before
    }

    /// The record as it stands; nil when it is not in memory.
    func record(_ actor: ActorID) -> Record? {
        switch actor.kind {
        case .tenant: tenants[actor.raw].map { .tenant($0.record) }
        case .queue: queues[actor.raw].map { .queue($0.record) }
        case .agent: agents[actor.raw].map { .agent($0.record) }
        case .customer: customers[actor.raw].map { .customer($0.record) }
        case .conversation: conversations[actor.raw].map { .conversation($0.record) }
        case .credential: credentials[actor.raw].map { .credential($0.record) }
        case .quarantine: .quarantine(quarantine.record)
        case .delivery: deliveries[actor.raw].map { .delivery($0.record) }
        }
    }

    /// Runs `body` with what the partition keeps beside the record of an actor in memory.
    func withKeeping(_ actor: ActorID, _ body: (inout Keeping) -> Void) {
        switch actor.kind {
        case .tenant: keep(tenants[actor.raw], body)
        case .queue: keep(queues[actor.raw], body)
        case .agent: keep(agents[actor.raw], body)
        case .customer: keep(customers[actor.raw], body)
        case .conversation: keep(conversations[actor.raw], body)
        case .credential: keep(credentials[actor.raw], body)
        case .quarantine: keep(quarantine, body)
        case .delivery: keep(deliveries[actor.raw], body)
        }
    }

    @inline(__always)
    private func keep<M: Machine>(_ entity: Entity<M>?, _ body: (inout Keeping) -> Void) {
        guard let entity else { return }
        let before = entity.assumeIsolated { entity in
            Keeping(
                timer: entity.timer, stored: entity.stored, deadline: entity.machine.nextDeadline,
                dormant: entity.machine.isDormant, absent: entity.machine.isAbsent)
        }
        var keeping = before
        body(&keeping)
        guard keeping.timer != before.timer || keeping.stored != before.stored else { return }
        let (timer, stored) = (keeping.timer, keeping.stored)
        entity.assumeIsolated { entity in
            entity.timer = timer
            entity.stored = stored
        }
    }
}

/// What a partition keeps beside a record: its timer, its place in the store; and what the record says of itself.
struct Keeping {
    var timer: TimerWheel.Handle
    var stored: StoredState
    let deadline: Timestamp?
    let dormant: Bool
    let absent: Bool
}
