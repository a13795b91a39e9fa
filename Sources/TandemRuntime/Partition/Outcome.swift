package import TandemCore
package import TandemReadModel

/// What became of a command. Told only when everything it rests on is committed.
package enum Outcome: Sendable {
    /// Done and durable. `position` is the entry's first event: a read at it sees the command's effect.
    case answered(Answer, position: EventPosition)
    /// It was done before under this key, and is answered as it was then.
    case repeated(Answer, position: EventPosition)
    case refused(Refusal)
    /// Too much is under way; nothing was done. Try again.
    case busy
    /// This node cannot take it now; nothing was done.
    case unavailable(Unavailable)
    /// It may have been done or not: ask again with the same key.
    case unknown
}

package enum Unavailable: String, Sendable {
    case notLeading, stopping, diskFull, journalFailed
    /// The node hears too few others for anybody to lead among those it hears.
    case cutOff
}

/// An event at its place in a partition's one order.
package struct CommittedEvent: Sendable {
    /// Sessions resume from it.
    package let position: EventPosition
    package let time: Timestamp
    package let event: Event

    package init(position: EventPosition, time: Timestamp, event: Event) {
        self.position = position
        self.time = time
        self.event = event
    }
}
