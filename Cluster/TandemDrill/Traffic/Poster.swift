internal import TandemAPI
internal import TandemTransport
internal import TestChance

/// A customer over HTTP: opens a conversation and posts into it, one message after the other, then opens the next.
///
/// There is one for each node in every tenant, and each conversation begins at that node again: while a node is out of order,
/// others of the tenant's customers are elsewhere.
// Safe: touched on the stage's loop only.
final class Poster: @unchecked Sendable {
    private static let messagesPerConversation = 20
    private static let paceMilliseconds: UInt64 = 90
    /// Of a hundred: gives up when an answer is missing.
    private static let hastyPercent = 10

    private let stage: Stage
    private let branch: Branch
    private let person: Branch.Person
    private let process: String
    private let caller: Caller
    private var chance: SeededGenerator
    private var conversation: String?
    private var said = 0

    init(_ stage: Stage, _ branch: Branch, _ person: Branch.Person, home: Int, seed: UInt64) {
        self.stage = stage
        self.branch = branch
        self.person = person
        process = "poster-\(branch.number).\(home)"
        caller = Caller(stage, home: home)
        chance = SeededGenerator(seed: seed)
    }

    func start() {
        stage.enter(process)
        next()
    }

    private func next() {
        if stage.isEnding { return stage.leave(process) }
        if let conversation, said < Self.messagesPerConversation { post(into: conversation) } else { open() }
    }

    private func open() {
        caller.goHome()
        let operation = stage.operation(.open, of: process, in: branch)
        run(operation, "/v1/conversations", branch.opening(operation, withBot: true)) { [self] operation in
            conversation = operation.conversation
            said = 0
        }
    }

    private func post(into conversation: String) {
        var operation = stage.operation(.post, of: process, in: branch)
        operation.conversation = conversation
        run(operation, "/v1/conversations/\(conversation)/messages", "{\(operation.textMember)}") { [self] operation in
            said += 1
        }
    }

    private func run(_ operation: Operation, _ path: String, _ body: String, then: @escaping (Operation) -> Void) {
        let isHasty = chance.chance(of: Self.hastyPercent)
        Errand(
            stage, caller, operation, path: path, token: person.token, body: body, isHasty: isHasty
        ) { [self] operation, _ in
            then(operation)
            stage.after(milliseconds: Self.paceMilliseconds) { [self] in next() }
        }.run()
    }
}
