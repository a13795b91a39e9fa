import Testing

@testable import TandemCore

@Suite("A delivery to webhooks")
struct DeliveryTests {
    private static let id = DeliveryID(raw: 77 << 20)
    private static let first = WebhookID(raw: 78 << 20)
    private static let second = WebhookID(raw: 79 << 20)

    private static func due(turnedAway: [WebhookID] = []) -> DeliveryDue {
        DeliveryDue(
            delivery: id, tenant: Sample.tenant, conversation: Sample.leg(1).conversation,
            notice: Notice(.conversationClosed), webhooks: [first, second], turnedAway: turnedAway)
    }

    private static func bench(turnedAway: [WebhookID] = []) -> Bench<Delivery> {
        var bench = Bench(Delivery(absent: id))
        bench.apply(.deliveryDue(due(turnedAway: turnedAway)))
        return bench
    }

    private let failure = DeliveryFailure(.status, status: 503)

    @Test("Absent, it takes no report; due, it is open until each webhook was told")
    func done() throws {
        let absent = Bench(Delivery(absent: Self.id))
        #expect(absent.machine.isAbsent && absent.machine.isDormant)
        #expect(absent.refusal(.report(Self.first, attempt: 1, .done(status: 200))) == Refusal(.notFound))
        var bench = Self.bench()
        #expect(!bench.machine.isAbsent && !bench.machine.isDormant && bench.machine.at == bench.now)
        #expect(bench.machine.deadlines.isEmpty)
        let made = try bench.run(.report(Self.first, attempt: 1, .done(status: 204))).events
        #expect(made == [.deliveryDone(Self.due().target(Self.first), attempt: 1, status: 204)])
        #expect(bench.machine.target(Self.first)?.state == .done(at: bench.now))
        #expect(!bench.machine.isDormant, "the second was not told")
        try bench.run(.report(Self.second, attempt: 1, .done(status: 200)))
        #expect(bench.machine.isDormant)
        #expect(
            bench.refusal(.report(WebhookID(raw: 1), attempt: 1, .done(status: 200)))
                == Refusal(.notFound, field: "webhook"))
    }

    @Test("What failed is due again after a pause that grows to an hour, and is given up in the end")
    func retries() throws {
        var bench = Self.bench()
        var attempt: UInt16 = 1
        var pauses: [Int64] = []
        while attempt < Limits.deliveryAttemptsMax {
            try bench.run(.report(Self.first, attempt: attempt, .failed(failure)))
            guard case .waiting(let until)? = bench.machine.target(Self.first)?.state else {
                Issue.record("attempt \(attempt) is the last")
                return
            }
            #expect(
                bench.machine.nextDeadline == until && bench.machine.deadlines == [Deadline(.deliveryRetry, at: until)])
            pauses.append((until - bench.now).count)
            bench.now = until + .seconds(-1)
            #expect(try bench.wake().events.isEmpty, "too early")
            bench.now = until
            #expect(try bench.wake().events == [.deliveryResumed(Self.due().target(Self.first))])
            #expect(bench.machine.target(Self.first)?.state == .due)
            attempt += 1
        }
        for (place, pause) in pauses.enumerated() {
            let usual: Int64 = min(Int64(1_000) << (2 * Int64(place)), 3_600_000)
            #expect((usual - usual / 5...usual + usual / 5).contains(pause), "after attempt \(place + 1)")
        }
        let hours = Double(pauses.reduce(0, +)) / 3_600_000
        #expect((4.3...6.5).contains(hours), "as the pages say")
        let last = try bench.run(.report(Self.first, attempt: attempt, .failed(failure))).events
        #expect(
            last == [
                .deliveryFailed(
                    DeliveryFailed(
                        target: Self.due().target(Self.first), attempt: attempt, failure: failure, retryAt: nil))
            ])
        #expect(bench.machine.target(Self.first)?.state == .dead(at: bench.now))
        #expect(bench.machine.target(Self.first)?.failure == failure)
        #expect(bench.machine.target(Self.second)?.state == .due, "each webhook has a course of its own")
    }

    @Test("What no further attempt would better is given up at once")
    func refused() throws {
        var bench = Self.bench()
        try bench.run(.report(Self.first, attempt: 1, .refused(DeliveryFailure(.status, status: 410))))
        #expect(bench.machine.target(Self.first)?.state == .dead(at: bench.now))
        #expect(bench.machine.nextDeadline == nil)
    }

    @Test("A report that comes late or twice changes nothing, and what is over stays over")
    func late() throws {
        var bench = Self.bench()
        #expect(try bench.run(.report(Self.first, attempt: 2, .done(status: 200))).events.isEmpty)
        try bench.run(.report(Self.first, attempt: 1, .failed(failure)))
        #expect(try bench.run(.report(Self.first, attempt: 1, .done(status: 200))).events.isEmpty)
        #expect(try bench.run(.report(Self.first, attempt: 2, .done(status: 200))).events.isEmpty, "it waits")
        bench.now = bench.now + .hours(1)
        try bench.wake()
        try bench.run(.report(Self.first, attempt: 2, .done(status: 200)))
        let before = bench.machine
        #expect(try bench.run(.report(Self.first, attempt: 2, .failed(failure))).events.isEmpty)
        let target = Self.due().target(Self.first)
        bench.apply(
            .deliveryResumed(target),
            .deliveryFailed(DeliveryFailed(target: target, attempt: 3, failure: failure, retryAt: nil)),
            .deliveryDue(Self.due()))
        #expect(bench.machine == before)
    }

    @Test("Webhooks that are due together are woken oldest first, and pauses differ from one delivery to the next")
    func jitter() throws {
        var bench = Self.bench()
        try bench.run(.report(Self.first, attempt: 1, .failed(failure)))
        try bench.run(.report(Self.second, attempt: 1, .failed(failure)))
        let deadlines = bench.machine.deadlines.map(\.at)
        #expect(bench.machine.nextDeadline == deadlines.min())
        bench.now = bench.now + .hours(1)
        let woken = try bench.wake().events
        let order = deadlines[0] <= deadlines[1] ? [Self.first, Self.second] : [Self.second, Self.first]
        #expect(woken == order.map { .deliveryResumed(Self.due().target($0)) })
        let pauses = Set((1...100).map { Delivery(absent: DeliveryID(raw: $0)).pause(after: 1, Self.first) })
        #expect(pauses.count > 50)
    }

    @Test("A webhook for which too much waits is not told, and that is said")
    func turnedAway() throws {
        let bench = Self.bench(turnedAway: [WebhookID(raw: 9)])
        #expect(bench.machine.target(WebhookID(raw: 9))?.state == .dead(at: bench.now))
        #expect(bench.machine.target(WebhookID(raw: 9))?.failure == DeliveryFailure(.turnedAway))
    }
}

@Suite("What webhooks are told")
struct NoticeTests {
    private static let told = WebhookID(raw: 80 << 20)
    private static let disabled = WebhookID(raw: 81 << 20)

    /// A tenant with one webhook that is told of all, and one that is disabled.
    private static func context(_ notices: NoticeSet = .all, open: Int = 0) -> TurnContext {
        var view = StillView.sample
        let spec = WebhookSpec(name: "CRM", url: "https://crm.example/", notices: notices, secret: "main")
        var off = spec
        off.isEnabled = false
        view.tenants[Sample.tenant]?.apply(
            .webhookPut(Sample.tenant, Webhook(id: told, version: 1, spec: spec)), at: .utc(2026, 6, 1))
        view.tenants[Sample.tenant]?.apply(
            .webhookPut(Sample.tenant, Webhook(id: disabled, version: 1, spec: off)), at: .utc(2026, 6, 1))
        view.waiting[told] = open
        return TurnContext(now: .utc(2026, 6, 1), minter: IDMinter(partition: 1), view: view)
    }

    private static func due(_ event: Event, _ notices: NoticeSet = .all, open: Int = 0) -> DeliveryDue? {
        var context = context(notices, open: open)
        guard case .deliveryDue(let due)? = event.deliveryDue(&context) else { return nil }
        return due
    }

    @Test("The end of a contact is told with ids and reason, to whoever is enabled and wants to know")
    func contact() throws {
        let due = try #require(Self.due(Sample.closed(1, .abandoned)))
        let leg = Sample.leg(1)
        #expect(due.webhooks == [Self.told] && due.turnedAway.isEmpty)
        #expect(due.tenant == leg.tenant && due.conversation == leg.conversation && due.delivery.raw != 0)
        var notice = Notice(.contactEnded)
        notice.customer = leg.customer
        notice.contact = leg.contact
        notice.queue = leg.queue
        notice.agent = Sample.agent
        notice.channel = .chat
        notice.reason = .abandoned
        #expect(due.notice == notice)
        #expect(Self.due(Sample.closed(1), NoticeSet(.messagePosted)) == nil, "it did not ask for that")
        #expect(Self.due(Sample.opened(1)) == nil, "that is no notice")
    }

    @Test("A message is told by its number and its author, never by its text")
    func message() throws {
        let message = MessagePosted(
            conversation: Sample.leg(1).conversation, tenant: Sample.tenant, customer: Sample.customer, sequence: 4,
            channel: .email, author: .agent(Sample.agent), contact: nil, agents: [], clientID: "c", text: "secret")
        let notice = try #require(Self.due(.messagePosted(message))).notice
        #expect(notice.kind == .messagePosted && notice.sequence == 4 && notice.author == .agent)
        #expect(notice.agent == Sample.agent && notice.channel == .email)
        #expect(!"\(notice)".contains("secret"))
    }

    @Test("A promise that is warned of or broken is told with its metric")
    func promises() throws {
        let leg = Sample.leg(1)
        let warned = try #require(Self.due(.clockWarned(leg, .answer))).notice
        #expect(warned.kind == .promiseWarned && warned.metric == .answer && warned.contact == leg.contact)
        let broken = try #require(Self.due(.clockBreached(leg, .resolution))).notice
        #expect(broken.kind == .promiseBroken && broken.metric == .resolution)
    }

    @Test("Who does not keep up is turned away, and the delivery says so")
    func full() throws {
        let most = Limits.deliveriesPerWebhookMax
        #expect(Self.due(Sample.closed(1), open: most - 1)?.webhooks == [Self.told])
        let due = try #require(Self.due(Sample.closed(1), open: most))
        #expect(due.webhooks.isEmpty && due.turnedAway == [Self.told])
    }

    @Test("Another tenant's events are not told here")
    func otherTenant() {
        let closed = Event.conversationClosed(
            Sample.leg(1).conversation, Sample.otherTenant, Sample.foreignCustomer, by: .system)
        #expect(Self.due(closed) == nil)
    }
}
