internal import TandemAPI
internal import TandemTransport

/// What was sent on a live session and is not acknowledged: it is sent again, in its order and under the same ids, when the
/// session is there again.
// Safe: touched on the stage's loop only.
final class Outbox: @unchecked Sendable {
    private struct Item {
        let id: String
        let frame: String
        /// Nil: not worth recording.
        var operation: Operation?
        let done: ((Bool) -> Void)?
        /// Some try of it had no answer.
        var isUncertain = false
    }

    /// So many refusals one after the other, at all of its tries, and a client goes to another node: about 3 s.
    private static let refusalsInRowMax = 30

    private let stage: Stage
    private let line: LiveLine
    private var items: [Item] = []
    private var refusalsInRow = 0

    init(_ stage: Stage, _ line: LiveLine) {
        self.stage = stage
        self.line = line
    }

    var count: Int { items.count }

    func holds(contact: String) -> Bool { items.contains { $0.operation?.contact == contact } }

    /// Sends a frame, now or when the session is there.
    /// - Parameters:
    ///   - fields: of the frame, behind its type and id: `,"text":"…"`
    ///   - done: is told whether it was acknowledged, when it is over
    func send(
        _ type: String, id: String, _ fields: String, _ operation: Operation? = nil, done: ((Bool) -> Void)? = nil
    ) {
        let frame = "{\"type\":\"\(type)\",\"id\":\"\(id)\"\(fields)}"
        var item = Item(id: id, frame: frame, operation: operation, done: done)
        if line.isThere { item.operation?.tries += 1 }
        items.append(item)
        if line.isThere { line.send(frame) }
    }

    /// The session is there again.
    func sendAll() {
        refusalsInRow = 0
        for place in items.indices {
            if (items[place].operation?.tries ?? 0) > 0 { items[place].isUncertain = true }
            items[place].operation?.tries += 1
            line.send(items[place].frame)
        }
    }

    /// Whether a frame answers one of these.
    func take(_ frame: JSONValue) -> Bool {
        guard let type = frame["type"]?.text, type == "ack" || type == "error", let id = frame["id"]?.text,
            let place = items.firstIndex(where: { $0.id == id })
        else { return false }
        items[place].operation?.node = line.node + 1
        if type == "ack" {
            refusalsInRow = 0
            items[place].operation?.sequence = frame["sequence"]?.whole
            finish(place, .ok)
            return true
        }
        let code = frame["code"]?.text ?? ""
        if code == "unknownOutcome" || Checker.refusalsForNow.contains(code) {
            if code == "unknownOutcome" { items[place].isUncertain = true }
            refusalsInRow += 1
            if refusalsInRow >= Self.refusalsInRowMax * items.count {
                refusalsInRow = 0
                line.moveOn()
                return true
            }
            // By then it may be over, or sent again on another connection: that is as good.
            stage.after(milliseconds: Stage.pauseMilliseconds) { [self] in sendAgain(id) }
        } else {
            items[place].operation?.code = code
            finish(place, items[place].isUncertain ? .unknown : .refused)
        }
        return true
    }

    private func sendAgain(_ id: String) {
        guard line.isThere, let place = items.firstIndex(where: { $0.id == id }) else { return }
        items[place].operation?.tries += 1
        line.send(items[place].frame)
    }

    private func finish(_ place: Int, _ outcome: Operation.Outcome) {
        let item = items.remove(at: place)
        record(item, outcome)
        item.done?(outcome == .ok)
    }

    private func record(_ item: Item, _ outcome: Operation.Outcome) {
        guard var operation = item.operation else { return }
        operation.outcome = outcome
        operation.returned = EventLoop.monotonicNanoseconds()
        stage.recorder.add(operation)
    }

    /// Gives up what is not acknowledged.
    func close() {
        for item in items { record(item, .unknown) }
        items = []
    }
}
