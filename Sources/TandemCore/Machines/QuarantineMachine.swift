/// One per partition, there from the beginning; empty is absent.
extension Quarantine: Machine {
    package init(absent partition: UInt16) { self.init(partition: partition, items: []) }

    package var isAbsent: Bool { items.isEmpty }
    package var isDormant: Bool { items.isEmpty }
    package var nextDeadline: Timestamp? { nil }
    package var deadlines: [Deadline] { [] }

    /// The item of an input, which is not to be run again while it is here.
    package func item(input: UInt64, actor: ActorID) -> Item? {
        items.first { $0.input.input == input && $0.input.actor == actor }
    }

    package func decide(_ instruction: QuarantineCommand, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        switch instruction {
        case .add(let input):
            if let known = item(input: input.input, actor: input.actor) { return Decision(answer: answer(known.id)) }
            let item: QuarantineID = turn.mint()
            return Decision([.inputQuarantined(partition, item, input)], answer: answer(item))
        case .resolve(let item, let by):
            switch by {
            case .staff, .system: break
            case .bot, .customer, .agent: throw .refuse(.notAllowed)
            }
            guard items.contains(where: { $0.id == item }) else { throw .refuse(.notFound) }
            return Decision([.quarantineResolved(partition, item, by: by)], answer: answer(item))
        }
    }

    package func wake(_ turn: inout TurnContext) throws(DecideError) -> Decision { Decision() }

    /// Full, the list lets its oldest item go: an input that failed twice must never be refused its place. What went
    /// is still in the journal.
    package mutating func apply(_ event: Event, at now: Timestamp) {
        switch event {
        case .inputQuarantined(let partition, let item, let input):
            guard partition == self.partition else { return }
            items.removeAll { $0.id == item }
            if items.count >= Limits.quarantinedMax { items.removeFirst(items.count - Limits.quarantinedMax + 1) }
            items.append(Item(id: item, since: now, input: input))
        case .quarantineResolved(let partition, let item, _):
            if partition == self.partition { items.removeAll { $0.id == item } }
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .messagePosted, .messagesDelivered, .messagesRead,
            .conversationClosed, .contactCreated, .contactBotStarted, .contactQueued, .contactStepped,
            .contactDeclineExpired, .contactPriorityChanged, .offerMade, .offerAccepted, .offerEnded, .contactHeld,
            .contactResumed, .consultStarted, .consultEnded, .contactWrapping, .contactClosed, .clockActivated,
            .clockPaused,
            .clockResumed, .clockWarned, .clockBreached, .clockFulfilled, .clockPolicyApplied, .webhookPut,
            .deliveryDue, .deliveryResumed, .deliveryFailed, .deliveryDone:
            break
        }
    }

    private func answer(_ item: QuarantineID) -> Answer {
        Answer(actor: .quarantine(of: partition), part: item.raw)
    }
}
