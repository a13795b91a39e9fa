/// What a webhook is told: that something happened, to whom and where. Never what people said.
package struct Notice: Hashable, Sendable {
    package var kind: NoticeKind
    package var customer: CustomerID?
    package var contact: ContactID?
    package var queue: QueueID?
    /// Who answered, had it when it ended, or wrote.
    package var agent: AgentID?
    package var channel: Channel?
    /// How a contact ended.
    package var reason: EndReason?
    /// A message's number in its conversation.
    package var sequence: UInt64?
    package var author: AuthorKind?
    /// Which promise.
    package var metric: SLAMetric?

    /// Who wrote a message. Raw values are journaled: append, never renumber.
    package enum AuthorKind: UInt8, CaseIterable, Sendable {
        case system = 0, bot, customer, agent, staff
    }

    package init(_ kind: NoticeKind) { self.kind = kind }
}

extension Notice {
    /// The notice of an event and whom it is about; nil: nobody is told of it.
    static func of(_ event: Event) -> (tenant: TenantID, conversation: ConversationID, notice: Notice)? {
        switch event {
        case .contactCreated(let created):
            var notice = Notice(.contactCreated, created.leg)
            notice.channel = created.channel
            return (created.leg.tenant, created.leg.conversation, notice)
        case .offerAccepted(let ended):
            var notice = Notice(.contactAnswered, ended.leg)
            notice.agent = ended.agent
            notice.channel = ended.channel
            return (ended.leg.tenant, ended.leg.conversation, notice)
        case .contactClosed(let closed):
            var notice = Notice(.contactEnded, closed.leg)
            notice.agent = closed.agent
            notice.channel = closed.channel
            notice.reason = closed.reason
            return (closed.leg.tenant, closed.leg.conversation, notice)
        case .conversationClosed(let conversation, let tenant, let customer, _):
            var notice = Notice(.conversationClosed)
            notice.customer = customer
            return (tenant, conversation, notice)
        case .messagePosted(let message): return (message.tenant, message.conversation, Notice(message))
        case .clockWarned(let leg, let metric):
            return (leg.tenant, leg.conversation, Notice(.promiseWarned, leg, metric))
        case .clockBreached(let leg, let metric, _):
            return (leg.tenant, leg.conversation, Notice(.promiseBroken, leg, metric))
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .agentCreated, .agentChanged, .presenceChanged, .sessionConnected,
            .sessionEnded, .customerCreated, .customerChanged, .credentialCreated, .credentialRevoked,
            .conversationOpened, .conversationReopened, .messagesDelivered, .messagesRead, .contactBotStarted,
            .contactQueued, .contactStepped, .contactDeclineExpired, .contactPriorityChanged, .offerMade, .offerEnded,
            .contactHeld, .contactResumed, .consultStarted, .consultEnded, .contactWrapping, .clockActivated,
            .clockPaused, .clockResumed, .clockFulfilled, .clockPolicyApplied, .inputQuarantined, .quarantineResolved,
            .webhookPut, .deliveryDue, .deliveryResumed, .deliveryFailed, .deliveryDone:
            return nil
        }
    }

    private init(_ kind: NoticeKind, _ leg: Leg, _ metric: SLAMetric? = nil) {
        self.init(kind)
        customer = leg.customer
        contact = leg.contact
        queue = leg.queue
        self.metric = metric
    }

    private init(_ message: MessagePosted) {
        self.init(.messagePosted)
        customer = message.customer
        contact = message.contact
        channel = message.channel
        sequence = message.sequence
        switch message.author {
        case .system: author = .system
        case .bot: author = .bot
        case .customer: author = .customer
        case .agent(let id):
            author = .agent
            agent = id
        case .staff: author = .staff
        }
    }
}

extension Event {
    /// What makes telling of this event due, in its own turn and entry; nil: its tenant has nobody told.
    package func deliveryDue(_ turn: inout TurnContext) -> Event? {
        guard let (tenant, conversation, notice) = Notice.of(self),
            let webhooks = turn.view.tenant(tenant)?.webhooks, !webhooks.isEmpty
        else { return nil }
        var due = DeliveryDue(
            delivery: DeliveryID(raw: 0), tenant: tenant, conversation: conversation, notice: notice, webhooks: [])
        for webhook in webhooks where webhook.spec.isEnabled && webhook.spec.notices.contains(notice.kind) {
            if turn.view.deliveriesOpen(to: webhook.id) < Limits.deliveriesPerWebhookMax {
                due.webhooks.append(webhook.id)
            } else {
                due.turnedAway.append(webhook.id)
            }
        }
        guard !due.webhooks.isEmpty || !due.turnedAway.isEmpty else { return nil }
        due.delivery = turn.mint()
        return .deliveryDue(due)
    }
}
