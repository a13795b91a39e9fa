import TandemCore
import Testing

@testable import TandemRuntime

/// Lines that expectations may change.
private final class Held {
    private var lines = EffectLines()
    var isEmpty: Bool { lines.isEmpty }
    var sending: Int { lines.sending }
    func add(_ target: DeliveryTarget, attempt: UInt16 = 1, isReady: Bool = true) {
        lines.add(target, attempt: attempt, isReady: isReady)
    }
    func resumed(_ target: DeliveryTarget) { lines.resumed(target) }
    func failed(_ failed: DeliveryFailed) { lines.failed(failed) }
    func done(_ target: DeliveryTarget) { lines.done(target) }
    func next() -> EffectLines.Job? { lines.next() }
    func returned(_ job: EffectLines.Job) { lines.returned(job) }
    func putBack(_ job: EffectLines.Job) { lines.putBack(job) }
    func notBegun(_ job: EffectLines.Job) { lines.notBegun(job) }
}

@Suite("The lines of effects")
struct EffectLinesTests {
    private static func target(_ delivery: UInt64, to webhook: UInt64 = 1, of conversation: UInt64 = 1)
        -> DeliveryTarget
    {
        DeliveryTarget(
            delivery: DeliveryID(raw: delivery), tenant: TenantID(raw: 1),
            conversation: ConversationID(raw: conversation), webhook: WebhookID(raw: webhook))
    }

    private static func failed(_ target: DeliveryTarget, _ attempt: UInt16, retryAt: Int64?) -> DeliveryFailed {
        DeliveryFailed(
            target: target, attempt: attempt, failure: DeliveryFailure(.timedOut),
            retryAt: retryAt.map { Timestamp(milliseconds: $0) })
    }

    private func all(_ lines: Held) -> [EffectLines.Job] {
        var jobs: [EffectLines.Job] = []
        while let job = lines.next() { jobs.append(job) }
        return jobs
    }

    @Test("In a conversation the next comes when the one before it is over, however long that takes")
    func order() throws {
        let lines = Held()
        lines.add(Self.target(1))
        lines.add(Self.target(2))
        let first = try #require(lines.next())
        #expect(first.delivery.raw == 1 && first.attempt == 1)
        #expect(lines.next() == nil)
        lines.returned(first)
        #expect(lines.next() == nil, "what came of it is not committed")
        lines.failed(Self.failed(Self.target(1), 1, retryAt: 9))
        #expect(lines.next() == nil, "it waits, and so does who is behind it")
        lines.resumed(Self.target(1))
        let again = try #require(lines.next())
        #expect(again.delivery.raw == 1 && again.attempt == 2)
        lines.returned(again)
        lines.done(Self.target(1))
        let second = try #require(lines.next())
        #expect(second.delivery.raw == 2)
        lines.returned(second)
        lines.failed(Self.failed(Self.target(2), 1, retryAt: nil))
        #expect(lines.isEmpty && lines.sending == 0)
    }

    @Test("Conversations do not wait for one another, nor do webhooks")
    func apart() {
        let lines = Held()
        lines.add(Self.target(1))
        lines.add(Self.target(1, to: 2))
        lines.add(Self.target(2, of: 2))
        #expect(all(lines).map(\.delivery.raw).sorted() == [1, 1, 2])
    }

    @Test("One webhook has so many under way, all of them so many, and webhooks take turns")
    func bounds() throws {
        let lines = Held()
        for conversation in UInt64(1)...100 { lines.add(Self.target(conversation, to: 1, of: conversation)) }
        lines.add(Self.target(500, to: 2))
        let jobs = all(lines)
        #expect(jobs.count { $0.webhook.raw == 1 } == EffectLines.sendingPerWebhookMax)
        #expect(jobs[1].webhook.raw == 2, "it does not stand behind a hundred of the other")
        #expect(lines.sending == EffectLines.sendingPerWebhookMax + 1)
        lines.returned(jobs[0])
        #expect(all(lines).count == 1)
        for webhook in UInt64(3)...40 {
            for conversation in UInt64(1)...8 { lines.add(Self.target(1, to: webhook, of: conversation)) }
        }
        _ = all(lines)
        #expect(lines.sending == EffectLines.sendingMax)
    }

    @Test("What is over before its turn comes is passed over, and who is behind it comes instead")
    func passedOver() throws {
        let lines = Held()
        lines.add(Self.target(1))
        lines.add(Self.target(2))
        lines.add(Self.target(3, of: 2))
        lines.done(Self.target(1))
        lines.done(Self.target(3, of: 2))
        #expect(all(lines).map(\.delivery.raw) == [2])
        #expect(lines.sending == 1)
    }

    @Test("What was handed out and not begun is handed out again")
    func putBack() throws {
        let lines = Held()
        lines.add(Self.target(1))
        let job = try #require(lines.next())
        lines.putBack(job)
        #expect(lines.sending == 0)
        #expect(lines.next() == job)
    }

    @Test(
        "What waits for its next attempt is handed out when its time has come, and what is told of others changes nothing"
    )
    func waiting() throws {
        let lines = Held()
        lines.add(Self.target(1), attempt: 4, isReady: false)
        #expect(lines.next() == nil)
        lines.resumed(Self.target(7))
        lines.done(Self.target(7))
        lines.failed(Self.failed(Self.target(7), 1, retryAt: 5))
        #expect(lines.next() == nil)
        lines.resumed(Self.target(1))
        #expect(lines.next()?.attempt == 4)
    }

    @Test("Webhooks that do not answer leave room for one that does, and get theirs back when they do")
    func troubled() throws {
        let lines = Held()
        for silent in 1...8 as ClosedRange<UInt64> {
            for conversation in 1...20 as ClosedRange<UInt64> {
                lines.add(Self.target(silent * 100 + conversation, to: silent, of: conversation))
            }
        }
        let first = all(lines)
        #expect(first.count == EffectLines.sendingMax)
        for job in first {
            lines.returned(job)
            let target = Self.target(job.delivery.raw, to: job.webhook.raw, of: job.conversation.raw)
            lines.failed(Self.failed(target, 1, retryAt: 9))
        }
        #expect(all(lines).count == 8, "one for each")
        for conversation in 1...20 as ClosedRange<UInt64> {
            lines.add(Self.target(2_000 + conversation, to: 9, of: conversation))
        }
        #expect(all(lines).count == EffectLines.sendingPerWebhookMax)

        let answered = try #require(first.first)
        lines.resumed(Self.target(answered.delivery.raw, to: answered.webhook.raw, of: answered.conversation.raw))
        lines.done(Self.target(answered.delivery.raw, to: answered.webhook.raw, of: answered.conversation.raw))
        #expect(all(lines).count == EffectLines.sendingPerWebhookMax - 1)
    }

    @Test("Of a webhook that cannot be begun one is under way, until one succeeds; others have the room")
    func notBegun() throws {
        let lines = Held()
        for number in UInt64(1)...20 { lines.add(Self.target(number, of: number)) }
        let first = all(lines)
        #expect(first.count == EffectLines.sendingPerWebhookMax)
        for job in first { lines.notBegun(job) }
        let second = all(lines)
        #expect(second.count == 1 && second[0].attempt == 1)
        lines.add(Self.target(21, to: 2, of: 21))
        #expect(all(lines).map(\.webhook.raw) == [2])
        lines.returned(second[0])
        lines.done(Self.target(second[0].delivery.raw, of: second[0].conversation.raw))
        #expect(all(lines).count == EffectLines.sendingPerWebhookMax)
    }
}
