package import TandemCore

extension JSONWriter {
    mutating func deliveryFields(of event: Event) {
        switch event {
        case .deliveryDue(let due):
            field("delivery", due.delivery)
            field("tenant", due.tenant)
            field("conversation", due.conversation)
            field("notice", word: due.notice.kind.word)
            field("webhooks", due.webhooks)
            if !due.turnedAway.isEmpty { field("turnedAway", due.turnedAway) }
        case .deliveryResumed(let target): self.target(target)
        case .deliveryFailed(let failed):
            target(failed.target)
            field("attempt", failed.attempt)
            field("failure", word: failed.failure.reason.word)
            if let status = failed.failure.status { field("status", status) }
            field("retryAt", ifPresent: failed.retryAt)
        case .deliveryDone(let target, let attempt, let status):
            self.target(target)
            field("attempt", attempt)
            field("status", status)
        default: break  // `fields(of:)` sends only these here.
        }
    }

    private mutating func target(_ target: DeliveryTarget) {
        field("delivery", target.delivery)
        field("tenant", target.tenant)
        field("conversation", target.conversation)
        field("webhook", target.webhook)
    }

    /// What a notice says beside its kind, into an object that is open.
    package mutating func notice(_ notice: Notice) {
        field("customer", ifPresent: notice.customer)
        field("contact", ifPresent: notice.contact)
        field("queue", ifPresent: notice.queue)
        field("agent", ifPresent: notice.agent)
        if let channel = notice.channel { field("channel", word: channel.word) }
        if let reason = notice.reason { field("reason", word: reason.word) }
        if let sequence = notice.sequence { field("sequence", sequence) }
        if let author = notice.author { field("author", word: author.word) }
        if let metric = notice.metric { field("metric", word: metric.word) }
    }
}
