internal import TandemCore

/// What is to be done outside, by what is committed, in the order in which it may be done.
///
/// There is a line for each webhook and conversation. Only its first may be under way: who comes next waits until that is
/// done or given up, also while it waits for its next attempt. Webhooks take turns, and one whose last attempt failed has
/// only one under way: neither one with much to do nor some that do not answer keep the others waiting for long.
struct EffectLines {
    /// Under way at once, for one partition: what a result costs is a turn, and most are answered within milliseconds.
    static let sendingMax = 64
    /// And to one webhook: nobody is to be run over.
    static let sendingPerWebhookMax = 8

    struct Job: Hashable {
        let delivery: DeliveryID
        let webhook: WebhookID
        let conversation: ConversationID
        fileprivate(set) var attempt: UInt16
        fileprivate var line: Line { Line(webhook: webhook.raw, conversation: conversation.raw) }
    }

    fileprivate struct Line: Hashable {
        let webhook: UInt64
        let conversation: UInt64
    }

    private struct Place {
        var job: Job
        var stage: Stage
    }

    private enum Stage {
        /// For its next attempt.
        case waiting
        case ready
        /// Ready, first in its line, and in its webhook's queue.
        case queued
        /// Handed out; its result may be on its way to the journal.
        case sent
    }

    private struct Queue {
        /// Lines whose first was queued; it may be over by now, if somebody else's attempt has ended it.
        var lines = Ring<(line: Line, delivery: DeliveryID)>()
        var sending = 0
        var isInTurn = false
    }

    private var lines: [Line: Ring<Place>] = [:]
    private var queues: [UInt64: Queue] = [:]
    /// Webhooks with a line that is ready and room for it, in turn.
    private var turns = Ring<UInt64>()
    private(set) var sending = 0
    /// Webhooks whose last attempt failed, or could not be begun.
    private var troubled: Set<UInt64> = []

    var isEmpty: Bool { lines.isEmpty }

    // MARK: What is committed

    /// - Parameter isReady: false: it waits for its next attempt
    mutating func add(
        _ target: DeliveryTarget, attempt: UInt16 = 1, isReady: Bool = true
    ) {
        let job = Job(
            delivery: target.delivery, webhook: target.webhook, conversation: target.conversation, attempt: attempt)
        lines[job.line, default: Ring()].append(Place(job: job, stage: isReady ? .ready : .waiting))
        if lines[job.line]?.count == 1 { offerFirst(of: job.line) }
    }

    mutating func resumed(_ target: DeliveryTarget) {
        changeFirst(target) { if $0.stage == .waiting { $0.stage = .ready } }
    }

    mutating func failed(_ failed: DeliveryFailed) {
        troubled.insert(failed.target.webhook.raw)
        guard failed.retryAt != nil else { return ended(failed.target) }
        changeFirst(failed.target) { place in
            place.stage = .waiting
            place.job.attempt = failed.attempt &+ 1
        }
    }

    mutating func done(_ target: DeliveryTarget) {
        troubled.remove(target.webhook.raw)
        ended(target)
        takeTurn(target.webhook.raw)
    }

    /// Done, or given up: whoever is behind it comes next.
    private mutating func ended(_ target: DeliveryTarget) {
        let line = Line(webhook: target.webhook.raw, conversation: target.conversation.raw)
        guard lines[line]?.first?.job.delivery == target.delivery else { return }
        _ = lines[line]?.popFirst()
        if lines[line]?.isEmpty ?? true { lines[line] = nil } else { offerFirst(of: line) }
    }

    // MARK: Handing out

    /// The next that may be done; nil: nothing is ready, or enough is under way.
    mutating func next() -> Job? {
        while sending < Self.sendingMax, let webhook = turns.popFirst() {
            queues[webhook]?.isInTurn = false
            // In its place: a copy of a long queue would be made at every step.
            let entry = queues[webhook]?.lines.popFirst()
            defer { takeTurn(webhook) }
            guard let entry, var first = lines[entry.line]?.first, first.job.delivery == entry.delivery,
                first.stage == .queued
            else { continue }
            first.stage = .sent
            lines[entry.line]?.replaceFirst(first)
            queues[webhook]?.sending += 1
            sending += 1
            return first.job
        }
        return nil
    }

    /// It was handed out and is under way no more, whatever came of it.
    mutating func returned(_ job: Job) {
        sending -= 1
        queues[job.webhook.raw]?.sending -= 1
        takeTurn(job.webhook.raw)
        if let queue = queues[job.webhook.raw], queue.sending == 0, queue.lines.isEmpty {
            queues[job.webhook.raw] = nil
        }
    }

    /// It was handed out, and nothing was begun: it is first in its line still.
    mutating func putBack(_ job: Job) {
        returned(job)
        guard var first = lines[job.line]?.first, first.job == job, first.stage == .sent else { return }
        first.stage = .ready
        lines[job.line]?.replaceFirst(first)
        offerFirst(of: job.line)
    }

    /// It was handed out, and there was no room to begin it: until one succeeds its webhook has only one under way.
    mutating func notBegun(_ job: Job) {
        troubled.insert(job.webhook.raw)
        putBack(job)
    }

    private mutating func changeFirst(_ target: DeliveryTarget, _ body: (inout Place) -> Void) {
        let line = Line(webhook: target.webhook.raw, conversation: target.conversation.raw)
        guard var first = lines[line]?.first, first.job.delivery == target.delivery else { return }
        body(&first)
        lines[line]?.replaceFirst(first)
        offerFirst(of: line)
    }

    /// A line's first is handed out in its turn, once it is ready.
    private mutating func offerFirst(of line: Line) {
        guard var first = lines[line]?.first, first.stage == .ready else { return }
        first.stage = .queued
        lines[line]?.replaceFirst(first)
        queues[line.webhook, default: Queue()].lines.append((line, first.job.delivery))
        takeTurn(line.webhook)
    }

    private mutating func takeTurn(_ webhook: UInt64) {
        guard let queue = queues[webhook], !queue.isInTurn, !queue.lines.isEmpty,
            queue.sending < (troubled.contains(webhook) ? 1 : Self.sendingPerWebhookMax)
        else { return }
        queues[webhook]?.isInTurn = true
        turns.append(webhook)
    }
}
