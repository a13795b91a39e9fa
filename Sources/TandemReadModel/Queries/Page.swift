/// A bounded part of a list, and where the next part begins.
package struct Page<Item: Sendable, Cursor: Sendable>: Sendable {
    package let items: [Item]
    /// The cursor of the last item; nil when nothing followed it.
    package let next: Cursor?

    /// - Parameter found: one item more than `limit`, where there is one.
    init(_ found: [Item], limit: Int, cursor: (Item) -> Cursor) {
        items = found.count > limit ? Array(found.prefix(limit)) : found
        next = found.count > limit ? items.last.map(cursor) : nil
    }

    private init(_ items: [Item], next: Cursor?) {
        self.items = items
        self.next = next
    }

    /// Without what is not for everybody to see; where the next part begins stays.
    package func filter(_ isShown: (Item) throws -> Bool) rethrows -> Page {
        Page(try items.filter(isShown), next: next)
    }
}

/// Which part of a history is asked for.
package enum EventRange: Hashable, Sendable {
    /// Oldest first, from the one after.
    case after(EventPosition)
    /// Newest first, from the one before.
    case before(EventPosition)

    package static let fromStart = EventRange.after(.start)
    package static let fromEnd = EventRange.before(EventPosition(rawValue: .max))

    var sql: (condition: String, order: String) {
        switch self {
        case .after: ("a.event > ?", "ASC")
        case .before: ("a.event < ?", "DESC")
        }
    }

    var position: EventPosition {
        switch self {
        case .after(let position), .before(let position): position
        }
    }
}
