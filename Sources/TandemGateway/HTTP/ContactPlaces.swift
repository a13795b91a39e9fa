internal import TandemCore
internal import TandemTransport

/// Remembers in which conversation a contact is, so that commands on contacts need not ask the read model first. A
/// contact never changes its conversation.
// Safe: everything is touched under `lock` only.
final class ContactPlaces: @unchecked Sendable {
    /// About 60 bytes each; over it the older half is forgotten.
    private static let halfMax = 100_000

    private let lock = Lock()
    private var young: [ContactID: ConversationID] = [:]
    private var old: [ContactID: ConversationID] = [:]

    func remember(_ contact: ContactID, in conversation: ConversationID) {
        lock.withLock {
            young[contact] = conversation
            guard young.count >= Self.halfMax else { return }
            old = young
            young = [:]
        }
    }

    func conversation(of contact: ContactID) -> ConversationID? { lock.withLock { young[contact] ?? old[contact] } }
}
