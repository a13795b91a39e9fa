package import TandemCore
internal import TandemWire

/// A committed event with its place and its time.
package struct StoredEvent: Hashable, Sendable {
    package let position: EventPosition
    package let time: Timestamp
    package let event: Event

    package init(position: EventPosition, time: Timestamp, event: Event) {
        self.position = position
        self.time = time
        self.event = event
    }
}

extension RowReading {
    /// The columns `id, time, bytes, text` of `event`.
    mutating func storedEvent() throws(StoreError) -> StoredEvent {
        let position = position()
        let time = time()
        return StoredEvent(position: position, time: time, event: try event(at: position))
    }

    /// The columns `bytes, text` of the event at `position`.
    mutating func event(at position: EventPosition) throws(StoreError) -> Event {
        let bytes = blob()
        let text = textIfAny()
        do {
            return try EventCodec.decode(bytes, text: text)
        } catch {
            throw .damaged(row: "event \(position.rawValue)", cause: error)
        }
    }
}
