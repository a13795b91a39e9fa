import Testing

@testable import TandemCore

@Suite("The clock of the matter")
struct ConversationResolutionTests {
    private func story(_ target: Milliseconds = .seconds(100), bot: Bool = false) throws -> Story {
        let centre = Centre()
        try centre.promise(
            centre.support, [SLATarget(metric: .resolution, channels: .all, target: target, warnPercent: 50)])
        return try Story(.messaging, bot: bot, centre: centre)
    }

    private func said(_ events: [Event]) -> [String] {
        events.filter { $0.clockMetric == .resolution }.map { event in
            switch event {
            case .clockActivated: "activated"
            case .clockPaused: "paused"
            case .clockResumed: "resumed"
            case .clockWarned: "warned"
            case .clockBreached: "breached"
            case .clockPolicyApplied: "promised anew"
            case .clockFulfilled(_, _, let elapsed, _): "fulfilled \(elapsed.count)"
            default: "something else"
            }
        }
    }

    @Test(
        "It runs from the first contact, across transfers, until the conversation closes, in the name of the first leg")
    func acrossLegs() throws {
        let story = try story()
        let centre = story.centre
        let bo = try centre.addAgent("Bo")
        #expect(story.thread.nextDeadline == centre.now + .seconds(50))
        try story.answer(by: bo)
        centre.skip(.seconds(10))
        #expect(said(try story.contact(.transfer(.queue(centre.sales), by: .agent(bo)))).isEmpty)
        let next = try #require(centre.answer?.contact)
        #expect(said(try centre.pass(.seconds(40))) == ["warned"])
        try story.answer(by: bo, contact: next)
        let breach = try centre.pass(.seconds(50))
        #expect(said(breach) == ["breached"])
        #expect(breach.first { $0.clockMetric == .resolution }?.leg?.contact == story.contact)
        // Sales wraps up for 15 s: that is not the customer's time.
        #expect(said(try story.contact(.end(by: .agent(bo)), on: next)) == ["paused"])
        let end = try centre.pass(.seconds(15))
        #expect(said(end) == ["fulfilled 100000"])
        guard case .conversationClosed = end.last else {
            Issue.record("the last is not the end: \(end)")
            return
        }
    }

    @Test("It stands still while the bot has the customer")
    func bot() throws {
        let story = try story(bot: true)
        #expect(story.thread.nextDeadline == nil)
        try story.centre.pass(.hours(1))
        #expect(said(try story.contact(.handOver(reason: "", by: .bot))) == ["resumed"])
        #expect(story.thread.resolution?.clock.nextDeadline == story.centre.now + .seconds(50))
    }

    @Test("A conversation that is reopened goes on from what it had counted, and is broken once")
    func reopened() throws {
        let story = try story()
        let centre = story.centre
        centre.skip(.seconds(30))
        #expect(said(try story.contact(.abandon)) == ["fulfilled 30000"])
        #expect(story.thread.nextDeadline == nil && story.thread.isDormant)
        try centre.pass(.hours(20))
        let again = try story.run(.startContact(ContactRequest(channel: .messaging, queue: centre.sales)))
        #expect(said(again) == ["resumed"])
        #expect(story.thread.resolution?.clock.nextDeadline == centre.now + .seconds(20))
        #expect(story.thread.resolution?.clock.queue == centre.support, "it keeps the promise it was given")
        #expect(said(try centre.pass(.seconds(80))) == ["warned", "breached"])
        #expect(said(try story.run(.close(by: centre.staff))) == ["fulfilled 110000"])
        _ = try story.run(.startContact(ContactRequest(channel: .messaging, queue: centre.sales)))
        #expect(said(try centre.pass(.hours(1))).isEmpty, "it was told")
        #expect(said(try story.run(.close(by: centre.staff))) == ["fulfilled \(3_710_000)"])
    }

    @Test("A policy that changed while the matter was closed is applied when it is reopened, to what had counted")
    func reopenedUnderAnother() throws {
        let story = try story()
        let centre = story.centre
        centre.skip(.seconds(30))
        #expect(said(try story.contact(.abandon)) == ["fulfilled 30000"])
        try centre.promise(
            centre.support,
            [SLATarget(metric: .resolution, channels: .all, target: .seconds(80), warnPercent: 50)])
        centre.skip(.hours(20))
        let again = try story.run(.startContact(ContactRequest(channel: .messaging, queue: centre.sales)))
        #expect(said(again) == ["promised anew", "resumed"])
        #expect(story.thread.resolution?.clock.nextDeadline == centre.now + .seconds(10))
        #expect(said(try centre.pass(.seconds(60))) == ["warned", "breached"])
    }

    @Test("Closed by hand while a leg is wrapped up, it has ended, and that leg's end does not wake it")
    func wrapUpOutlives() throws {
        let story = try story()
        let centre = story.centre
        try centre.change(centre.support) { $0.wrapUp = .mandatory }
        let bo = try centre.addAgent("Bo")
        try story.answer(by: bo)
        centre.skip(.seconds(5))
        #expect(said(try story.run(.close(by: .agent(bo)))) == ["fulfilled 5000"])
        #expect(said(try story.contact(.finishWrapUp(disposition: "done", by: .agent(bo)))).isEmpty)
        #expect(story.thread.nextDeadline == nil)
    }

    @Test("Nobody promised it: it counts all the same, and arms nothing")
    func unpromised() throws {
        let story = try Story(.email)
        #expect(story.thread.resolution?.clock.promise == nil)
        story.centre.skip(.seconds(9))
        let end = try story.contact(.abandon)
        #expect(said(end) == ["fulfilled 9000"])
    }
}
