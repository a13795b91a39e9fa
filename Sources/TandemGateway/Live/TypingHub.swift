internal import TandemCore
internal import TandemTransport

/// Who is in a conversation with a live session here: indications of typing are passed on between them and never
/// journaled.
// Safe: `present` is touched under `lock` only.
final class TypingHub: @unchecked Sendable {
    private let lock = Lock()
    private var present: [ConversationID: [LiveSession]] = [:]

    func join(_ session: LiveSession, _ conversation: ConversationID) {
        lock.withLock {
            let sessions = present[conversation] ?? []
            if !sessions.contains(where: { $0 === session }) { present[conversation] = sessions + [session] }
        }
    }

    func leave(_ session: LiveSession, _ conversation: ConversationID) {
        lock.withLock {
            guard let sessions = present[conversation] else { return }
            let rest = sessions.filter { $0 !== session }
            present[conversation] = rest.isEmpty ? nil : rest
        }
    }

    /// Tells everybody else in the conversation that `author` is typing.
    func pass(_ author: Party, in conversation: ConversationID, from sender: LiveSession) {
        let others = lock.withLock { present[conversation] ?? [] }
        for session in others where session !== sender {
            session.loop.run { session.tellTyping(author, in: conversation) }
        }
    }
}
