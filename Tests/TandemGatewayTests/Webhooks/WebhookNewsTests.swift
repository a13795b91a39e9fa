import TandemCore
import TandemRuntime
import Testing

@testable import TandemGateway

/// What the log hears, at times that the test names.
@Suite("News of webhooks")
struct WebhookNewsTests {
    private static let failed = DeliveryResult.failed(DeliveryFailure(.status, status: 500))
    private static let done = DeliveryResult.done(status: 200)
    private static let second: UInt64 = 1_000_000_000
    private let webhook = WebhookStage.effect("").target.webhook

    private func attempt(_ news: inout WebhookNews, _ result: DeliveryResult, at seconds: UInt64) -> WebhookNews.Said {
        news.attempted(WebhookStage.effect(""), result, detail: nil, at: seconds * Self.second)
    }

    private func gaveUp(_ news: inout WebhookNews, at seconds: UInt64) -> WebhookNews.Said {
        let failed = DeliveryFailed(
            target: WebhookStage.effect("").target, attempt: 12, failure: DeliveryFailure(.timedOut), retryAt: nil)
        return news.gaveUp(failed, at: seconds * Self.second)
    }

    @Test("A receiver that fails and works in turn makes two lines a minute, and the last word is how it is")
    func turns() {
        var news = WebhookNews()
        var lines: [String] = []
        var again: UInt64?
        for second in UInt64(0)..<59 {
            let said = attempt(&news, second.isMultiple(of: 2) ? Self.failed : Self.done, at: second)
            lines += said.lines
            if let at = said.lookAgainAt {
                #expect(again == nil)
                again = at
            }
        }
        #expect(lines.count == 2)
        #expect(lines[0].contains("status 500, with attempt 1 of dlv_") && lines[1].hasSuffix("works again"))
        #expect(again == WebhookNews.minute)
        // It fails by now.
        let said = news.minuteOver(webhook, at: WebhookNews.minute)
        #expect(said.lines.count == 1 && said.lines[0].contains("status 500"))
        #expect(said.lookAgainAt == 2 * WebhookNews.minute)
        #expect(news.minuteOver(webhook, at: 2 * WebhookNews.minute) == WebhookNews.Said())
        #expect(attempt(&news, Self.failed, at: 200) == WebhookNews.Said(), "it is known")
        #expect(attempt(&news, Self.done, at: 201).lines.count == 1)
    }

    @Test("What is given up is a line a minute for each webhook, and the rest are counted")
    func givenUp() {
        var news = WebhookNews()
        let first = gaveUp(&news, at: 1)
        #expect(first.lines.count == 1 && first.lines[0].contains("after 12 attempts: timedOut"))
        for second in UInt64(2)..<50 { #expect(gaveUp(&news, at: second) == WebhookNews.Said()) }
        let said = news.minuteOver(webhook, at: 61 * Self.second)
        #expect(said.lines.count == 1 && said.lines[0].hasSuffix(", and 47 others in the last minute"))
        #expect(said.lookAgainAt == 121 * Self.second)
        #expect(news.minuteOver(webhook, at: 121 * Self.second) == WebhookNews.Said())
        #expect(gaveUp(&news, at: 130).lines.count == 1)
    }

    @Test("Each webhook has its own bound")
    func apart() {
        var news = WebhookNews()
        for webhook in UInt64(1)...20 {
            let effect = WebhookStage.effect("", webhook: webhook)
            #expect(
                news.attempted(effect, Self.failed, detail: "why", at: 0).lines.map { $0.hasSuffix(": why") } == [true])
        }
    }
}
