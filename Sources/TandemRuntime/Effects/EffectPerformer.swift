package import TandemCore

/// Does outside what is due: sends to webhooks.
///
/// A partition hands it what is committed, while it leads and others have said so since; it does nothing of itself, keeps
/// nothing, and needs no memory: what it does not report is handed out again, by this leader or the next.
package protocol EffectPerformer: Sendable {
    /// Begins at once, waits for nothing and never blocks: it is called on the partition's executor. `done` is called at most
    /// once, from any thread: with what came of it, or with nil, where nothing was begun for want of room. That is no
    /// attempt; it is handed out again a little later.
    func perform(_ effect: Effect, done: @escaping @Sendable (DeliveryResult?) -> Void)

    /// A delivery is given up for one webhook, and that is committed; for operators. It is called on the partition's
    /// executor, and never blocks.
    /// - Parameter failed: attempt 0: it never was to be told, since too much waits for the webhook already
    func gaveUp(_ failed: DeliveryFailed)
}

/// One attempt at one delivery to one webhook. Its name outside is the delivery's identifier, the same for each attempt.
package struct Effect: Sendable {
    package let target: DeliveryTarget
    /// From 1.
    package let attempt: UInt16
    package let notice: Notice
    /// When what it tells of happened, by journaled time.
    package let at: Timestamp
    package let webhook: Webhook

    package init(target: DeliveryTarget, attempt: UInt16, notice: Notice, at: Timestamp, webhook: Webhook) {
        self.target = target
        self.attempt = attempt
        self.notice = notice
        self.at = at
        self.webhook = webhook
    }
}
