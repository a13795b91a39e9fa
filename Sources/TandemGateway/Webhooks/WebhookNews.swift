internal import TandemAPI
internal import TandemCore
internal import TandemRuntime

/// What the log is told of webhooks: when telling one begins to fail, when the reason changes, when it works again, and what
/// was given up.
///
/// A stranger's answers drive it, so it is bounded: in a minute, for each webhook, two lines on how it is and one on what was
/// given up. What a line was not left for is told at the minute's end, as it is by then.
struct WebhookNews {
    static let minute: UInt64 = 60_000_000_000
    private static let standingLinesMax = 2

    /// What is to be said, and when `minuteOver` is to be called, in monotonic nanoseconds; nil: it is already.
    struct Said: Equatable {
        var lines: [String] = []
        var lookAgainAt: UInt64?
    }

    private struct Trouble {
        let failure: DeliveryFailure
        let words: String
    }

    private struct GivenUp {
        let words: String
        var count = 0
    }

    private struct Standing {
        /// By the last attempt; nil: it works.
        var trouble: Trouble?
        /// What the log says.
        var told: DeliveryFailure?
        var givenUp: GivenUp?
        /// In this minute.
        var lines = 0
        var givenUpLines = 0
        var isCounting = false
    }

    private var standings: [WebhookID: Standing] = [:]

    /// An attempt is over.
    /// - Parameter detail: what else is known of a failure; never an address, nor what a receiver said
    mutating func attempted(_ effect: Effect, _ result: DeliveryResult, detail: String?, at now: UInt64) -> Said {
        let webhook = effect.target.webhook
        switch result {
        case .done:
            guard standings[webhook] != nil else { return Said() }
            standings[webhook]?.trouble = nil
        case .failed(let failure), .refused(let failure):
            let words =
                Self.words(failure) + ", with attempt \(effect.attempt) of \(effect.target.delivery)"
                + (detail.map { ": \($0)" } ?? "")
            standings[webhook, default: Standing()].trouble = Trouble(failure: failure, words: words)
        }
        return say(of: webhook, at: now)
    }

    /// A delivery will not be done any more.
    mutating func gaveUp(_ failed: DeliveryFailed, at now: UInt64) -> Said {
        let attempts = failed.attempt == 1 ? "1 attempt" : "\(failed.attempt) attempts"
        let words = "gave up \(failed.target.delivery) after \(attempts): \(Self.words(failed.failure))"
        let count = (standings[failed.target.webhook]?.givenUp?.count ?? 0) + 1
        standings[failed.target.webhook, default: Standing()].givenUp = GivenUp(words: words, count: count)
        return say(of: failed.target.webhook, at: now)
    }

    mutating func minuteOver(_ webhook: WebhookID, at now: UInt64) -> Said {
        standings[webhook]?.isCounting = false
        standings[webhook]?.lines = 0
        standings[webhook]?.givenUpLines = 0
        let said = say(of: webhook, at: now)
        if said.lines.isEmpty, let standing = standings[webhook], standing.trouble == nil { standings[webhook] = nil }
        return said
    }

    private mutating func say(of webhook: WebhookID, at now: UInt64) -> Said {
        guard var standing = standings[webhook] else { return Said() }
        var said = Said()
        if standing.trouble?.failure != standing.told, standing.lines < Self.standingLinesMax {
            said.lines.append("webhook \(webhook): \(standing.trouble?.words ?? "works again")")
            standing.told = standing.trouble?.failure
            standing.lines += 1
        }
        if let givenUp = standing.givenUp, standing.givenUpLines == 0 {
            let others = givenUp.count > 1 ? ", and \(givenUp.count - 1) others in the last minute" : ""
            said.lines.append("webhook \(webhook): \(givenUp.words)\(others)")
            standing.givenUp = nil
            standing.givenUpLines = 1
        }
        if !said.lines.isEmpty, !standing.isCounting {
            standing.isCounting = true
            said.lookAgainAt = now + Self.minute
        }
        standings[webhook] = standing
        return said
    }

    private static func words(_ failure: DeliveryFailure) -> String {
        "\(failure.reason.text)\(failure.status.map { " \($0)" } ?? "")"
    }
}
