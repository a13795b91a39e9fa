internal import TandemAPI
internal import TandemTransport

/// A customer who wants an agent: opens a conversation over HTTP, waits in the queue on a live session, writes, and goes
/// when the agent has ended it.
// Safe: touched on the stage's loop only.
final class Visitor: @unchecked Sendable {
    /// How often he writes, and how long he waits for an agent.
    private static let paceMilliseconds: UInt64 = 300
    private static let patienceMilliseconds: UInt64 = 15_000

    private let stage: Stage
    private let branch: Branch
    private let person: Branch.Person
    private let process: String
    private let home: Int
    private let caller: Caller
    private var line: LiveLine?
    private var outbox: Outbox?
    private var isServed = false
    private var isOver = false
    private var came: UInt64 = 0

    init(_ stage: Stage, _ branch: Branch, _ person: Branch.Person, place: Int, home: Int) {
        self.stage = stage
        self.branch = branch
        self.person = person
        self.home = home
        process = "visitor-\(branch.number).\(place)"
        caller = Caller(stage, home: home)
    }

    func start() {
        stage.enter(process)
        come()
    }

    private func come() {
        if stage.isEnding { return stage.leave(process) }
        let operation = stage.operation(.open, of: process, in: branch)
        came = operation.invoked
        Errand(
            stage, caller, operation, path: "/v1/conversations", token: person.token,
            body: branch.opening(operation, withBot: false)
        ) { [self] operation, _ in
            guard let conversation = operation.conversation else {
                stage.after(milliseconds: Self.paceMilliseconds) { [self] in come() }
                return
            }
            wait(in: conversation)
        }.run()
    }

    private func wait(in conversation: String) {
        let line = LiveLine(
            stage, Stream(process: process, kind: .conversation, subject: conversation),
            path: "/v1/live/customer?conversation=\(conversation)", token: person.token, home: home)
        let outbox = Outbox(stage, line)
        line.onWelcome = { _ in outbox.sendAll() }
        line.onFrame = { [self] frame in
            if outbox.take(frame) { return }
            guard frame["type"]?.text == "contact" else { return }
            switch frame["state"]?.text {
            case "connected": isServed = true
            case "ended", "closed": isOver = true
            default: break  // He waits, or is held.
            }
        }
        (self.line, self.outbox) = (line, outbox)
        (isServed, isOver) = (false, false)
        line.start()
        go(on: conversation)
    }

    private func go(on conversation: String) {
        guard let line, let outbox else { return }
        if isOver, outbox.count == 0 {
            line.stop()
            (self.line, self.outbox) = (nil, nil)
            return come()
        }
        let patience = Self.patienceMilliseconds * 1_000_000
        let isTired = stage.isEnding || EventLoop.monotonicNanoseconds() > came + patience
        if !isOver, line.isThere, outbox.count == 0 {
            if isTired, !isServed {
                let id = "\(process).leaves.\(stage.recorder.nextNumber())"
                outbox.send("leave", id: id, "")
            } else if !stage.isEnding {
                say(in: conversation, outbox)
            }
        }
        stage.after(milliseconds: Self.paceMilliseconds) { [self] in go(on: conversation) }
    }

    private func say(in conversation: String, _ outbox: Outbox) {
        var operation = stage.operation(.post, of: process, in: branch)
        operation.isContended = true
        operation.conversation = conversation
        outbox.send("message", id: operation.key, "," + operation.textMember, operation)
    }

    /// Time is up.
    func close() {
        outbox?.close()
        line?.stop()
        (outbox, line) = (nil, nil)
    }
}
