internal import TandemAPI
internal import TandemTransport

/// A customer over a live session: several messages under way at once, acknowledged as they become durable.
// Safe: touched on the stage's loop only.
final class Talker: @unchecked Sendable {
    private static let messagesPerConversation = 120
    /// Messages under way.
    private static let window = 4

    private let stage: Stage
    private let branch: Branch
    private let person: Branch.Person
    private let process: String
    private let home: Int
    private let caller: Caller
    private var line: LiveLine?
    private var outbox: Outbox?
    private var said = 0

    init(_ stage: Stage, _ branch: Branch, _ person: Branch.Person, home: Int) {
        self.stage = stage
        self.branch = branch
        self.person = person
        self.home = home
        process = "talker-\(branch.number)"
        caller = Caller(stage, home: home)
    }

    func start() {
        stage.enter(process)
        open()
    }

    private func open() {
        if stage.isEnding { return stage.leave(process) }
        caller.goHome()
        let operation = stage.operation(.open, of: process, in: branch)
        Errand(
            stage, caller, operation, path: "/v1/conversations", token: person.token,
            body: branch.opening(operation, withBot: true)
        ) { [self] operation, _ in
            guard let conversation = operation.conversation else {
                stage.after(milliseconds: Stage.pauseMilliseconds) { [self] in open() }
                return
            }
            follow(conversation)
        }.run()
    }

    private func follow(_ conversation: String) {
        let line = LiveLine(
            stage, Stream(process: process, kind: .conversation, subject: conversation),
            path: "/v1/live/customer?conversation=\(conversation)", token: person.token, home: home)
        let outbox = Outbox(stage, line)
        line.onWelcome = { _ in outbox.sendAll() }
        line.onFrame = { _ = outbox.take($0) }
        self.line = line
        self.outbox = outbox
        said = 0
        line.start()
        say(in: conversation)
    }

    private func say(in conversation: String) {
        guard let outbox else { return }
        let isDone = said >= Self.messagesPerConversation || stage.isEnding
        if isDone, outbox.count == 0 {
            line?.stop()
            line = nil
            self.outbox = nil
            return open()
        }
        if !isDone, outbox.count < Self.window {
            said += 1
            var operation = stage.operation(.post, of: process, in: branch)
            operation.conversation = conversation
            outbox.send("message", id: operation.key, "," + operation.textMember, operation)
        }
        stage.after(milliseconds: Stage.paceMilliseconds) { [self] in say(in: conversation) }
    }

    /// Time is up.
    func close() {
        outbox?.close()
        line?.stop()
        outbox = nil
        line = nil
    }
}
