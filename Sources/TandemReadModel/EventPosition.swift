/// Where an event stands in its partition: the index of its entry and its place there, in one number that rises.
///
/// It is the key of the `event` table and what sessions resume from. Zero stands before every event.
package struct EventPosition: Hashable, Comparable, Sendable {
    static let sequenceBits: UInt64 = 10
    /// Events of one entry; `Limits.turnEventsMax` is below it.
    package static let eventsMax = 1 << 10

    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }

    /// - Parameters: `entry` is an index below 2⁵³, `sequence` counts from 0 and stays below `eventsMax`.
    package init(entry: UInt64, sequence: Int) {
        rawValue = Int64(truncatingIfNeeded: entry << Self.sequenceBits | UInt64(truncatingIfNeeded: sequence))
    }

    package static let start = EventPosition(rawValue: 0)

    /// Before the first event of `entry`.
    static func before(entry: UInt64) -> EventPosition {
        EventPosition(rawValue: EventPosition(entry: entry, sequence: 0).rawValue - 1)
    }

    package var entry: UInt64 { UInt64(bitPattern: rawValue) >> Self.sequenceBits }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
