internal import TandemCore
internal import TandemReadModel

/// A part of what a client has missed, oldest first.
struct Past: Sendable {
    let events: [StoredEvent]
    /// Everything up to here was looked at.
    let reached: EventPosition
    let isComplete: Bool

    /// What an actor's sessions are shown, after a position.
    static func of(_ actor: ActorID) -> @Sendable (StoreReader, EventPosition, Int) throws -> Past {
        return { store, after, limit in
            let page = try store.timeline(of: actor, .after(after), limit: limit)
            return Past(events: page.items, reached: page.next ?? after, isComplete: page.next == nil)
        }
    }
}
