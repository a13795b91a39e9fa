internal import TandemConsensus
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemWire

/// The world outside: who is told what webhooks are told, and what is known of it from there and from the journal.
struct Outside {
    struct Key: Hashable {
        let delivery: DeliveryID
        let webhook: WebhookID
        init(_ target: DeliveryTarget) { (delivery, webhook) = (target.delivery, target.webhook) }
    }

    private struct Line: Hashable {
        let conversation: ConversationID
        let webhook: WebhookID
        init(_ target: DeliveryTarget) { (conversation, webhook) = (target.conversation, target.webhook) }
    }

    /// How often each was received.
    var received: [Key: Int] = [:]
    /// How often receiving each failed: seldom enough for a run to end.
    var failures: [Key: Int] = [:]
    /// The entry that says that it is over.
    private(set) var ended: [Key: UInt64] = [:]
    /// Those that are not over, in the order of the journal.
    private var open: [Line: [DeliveryID]] = [:]

    /// What is committed: each is over once, done only if it was received, and what happened is told in its own entry.
    mutating func follow(_ entry: CommittedEntry, _ tenant: Tenant?) throws(Broken) {
        var told: [ConversationID: Set<UInt64>] = [:]
        var posted: [MessagePosted] = []
        for event in entry.entry.events {
            switch event {
            case .deliveryDue(let due):
                if let sequence = due.notice.sequence { told[due.conversation, default: []].insert(sequence) }
                for webhook in due.webhooks { open[Line(due.target(webhook)), default: []].append(due.delivery) }
            case .deliveryDone(let target, _, _):
                guard received[Key(target)] != nil else {
                    throw Broken(.effects, "\(target.delivery) is said to be done, and nobody received it")
                }
                try end(target, at: entry.index)
            case .deliveryFailed(let failed): if failed.retryAt == nil { try end(failed.target, at: entry.index) }
            case .messagePosted(let message): posted.append(message)
            default: break  // Not told, or not looked at here.
            }
        }
        let isTold =
            tenant?.webhooks.contains { $0.spec.isEnabled && $0.spec.notices.contains(.messagePosted) } ?? false
        for message in posted where isTold {
            guard told[message.conversation]?.contains(message.sequence) ?? false else {
                throw Broken(.effects, "a message is committed at \(entry.index), and that it is told is not")
            }
        }
    }

    private mutating func end(_ target: DeliveryTarget, at index: UInt64) throws(Broken) {
        guard ended.updateValue(index, forKey: Key(target)) == nil else {
            throw Broken(.effects, "\(target.delivery) is over twice, at \(index) again")
        }
        open[Line(target)]?.removeAll { $0 == target.delivery }
    }

    /// Whoever performs must not know that it is over, and everything before it in its conversation has to be.
    ///
    /// - Parameter known: the entry that the performing node has applied
    func judge(_ effect: Effect, known: UInt64) throws(Broken) {
        if let index = ended[Key(effect.target)] {
            guard index > known else {
                throw Broken(
                    .effects, "\(effect.target.delivery) is performed by who knows \(index) and that it is over")
            }
            return
        }
        guard let first = open[Line(effect.target)]?.first else {
            throw Broken(.effects, "\(effect.target.delivery) is performed before it is committed")
        }
        guard first == effect.target.delivery else {
            throw Broken(.effects, "\(effect.target.delivery) is performed before \(first)")
        }
    }

    /// One that was due when so much had been minted, and is not over.
    func overdue(minted: UInt64) -> DeliveryID? {
        open.values.compactMap(\.first).filter { $0.raw >> 10 <= minted }.min()
    }
}

/// Hands what a partition has done outside to the run.
// Safe: a run has one thread.
final class OutsidePerformer: EffectPerformer, @unchecked Sendable {
    private let send: (Effect, @escaping @Sendable (DeliveryResult?) -> Void) -> Void
    init(_ send: @escaping (Effect, @escaping @Sendable (DeliveryResult?) -> Void) -> Void) { self.send = send }
    func perform(_ effect: Effect, done: @escaping @Sendable (DeliveryResult?) -> Void) { send(effect, done) }
    func gaveUp(_ failed: DeliveryFailed) {}  // The run reads the records.
}

extension PartitionSimulation {
    func makePerformer(_ member: Member) -> OutsidePerformer {
        OutsidePerformer { [unowned self, unowned member] effect, done in send(effect, from: member, done) }
    }

    /// On its way it is nobody's: who sent it may end meanwhile.
    private func send(_ effect: Effect, from member: Member, _ done: @escaping @Sendable (DeliveryResult?) -> Void) {
        let known = member.standing?.committed ?? 0
        let sending = member.partition?.assumeIsolated { $0.status().deliveriesSending } ?? 0
        check { () throws(Broken) in
            try outside.judge(effect, known: known)
            // Results of an earlier leadership are none of this one's.
            guard (1...Partition.effectsMax).contains(sending) else {
                throw Broken(.effects, "\(member.id) counts \(sending) under way, with \(effect.target.delivery)")
            }
        }
        trace.note(
            now, "\(member.id) tells \(effect.webhook.spec.name) \(effect.target.delivery)", member.id.value,
            effect.target.delivery.raw, UInt64(effect.attempt))
        coverage[.effects] += 1
        if !isQuiet, outsideDice.falls(100) {
            // There was no room to begin it; another may lead by the time that is said.
            coverage[.effectsNotBegun] += 1
            return plan(after: outsideDice.number(in: 100...200_000), on: member) { done(nil) }
        }
        let life = member.life
        plan(after: outsideDice.number(in: 100...20_000)) { [unowned self, unowned member] in
            guard let result = arrived(effect) else { return }
            guard member.life == life else { return }
            plan(after: outsideDice.number(in: 100...20_000), on: member) { done(result) }
        }
    }

    /// Nil: the answer never comes back, which is the mistake.
    private func arrived(_ effect: Effect) -> DeliveryResult? {
        if mutation == .lostResult, outsideDice.falls(100) { return nil }
        if mutation == .unsentEffect, outsideDice.falls(100) { return .done(status: 200) }
        let key = Outside.Key(effect.target)
        let mayFail = !isQuiet && outside.failures[key, default: 0] < 2
        let chance = outsideDice.number(below: 1_000)
        if mayFail, chance < 150 {
            outside.failures[key, default: 0] += 1
            return .failed(DeliveryFailure(.unreachable))
        }
        if mayFail, chance < 170 { return .refused(DeliveryFailure(.status, status: 410)) }
        if outside.received[key] != nil { coverage[.effectsRepeated] += 1 }
        outside.received[key, default: 0] += 1
        if mayFail, chance < 270 {
            outside.failures[key, default: 0] += 1
            return .failed(DeliveryFailure(.timedOut))
        }
        return .done(status: 204)
    }

    /// A delivery of before the repair that is not over.
    var overdueDelivery: String? {
        guard quietCommit > 0, ledger.last >= quietCommit else { return nil }
        return outside.overdue(minted: ledger.entries[Int(quietCommit) - 1].minted).map { "\($0) is still due" }
    }
}
