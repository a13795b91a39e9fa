/// Business hours with their time zone written out, so that no node's own zone data matters.
package typealias BusinessCalendar = SettingPart<CalendarSpec>

package struct CalendarSpec: SettingSpec {
    package typealias Kind = CalendarKind
    package var name: String
    /// The zone's name, for people; what counts is `transitions`.
    package var zone: String
    /// Sorted by start, not overlapping.
    package var blocks: [WeeklyBlock]
    /// Sorted local dates on which the whole day is closed, or open in other blocks.
    package var holidays: [Holiday]
    /// Sorted by `at`; the first holds for all time before the second.
    package var transitions: [ZoneTransition]

    package init(
        name: String, zone: String, blocks: [WeeklyBlock], holidays: [Holiday] = [], transitions: [ZoneTransition]
    ) {
        self.name = name
        self.zone = zone
        self.blocks = blocks
        self.holidays = holidays
        self.transitions = transitions
    }
}

/// Open from `start` to `end` on one weekday, in minutes of local time; `end` is exclusive, 1,440 at most.
package struct WeeklyBlock: Hashable, Sendable {
    /// 0 is Monday.
    package var weekday: UInt8
    package var start: UInt16
    package var end: UInt16
    package init(weekday: UInt8, start: UInt16, end: UInt16) {
        self.weekday = weekday
        self.start = start
        self.end = end
    }
}

package struct Holiday: Hashable, Sendable {
    /// Days since 1970-01-01 of the local date.
    package var day: Int32
    /// Open blocks of that day (their `weekday` is not looked at); empty: closed.
    package var blocks: [WeeklyBlock]
    package init(day: Int32, blocks: [WeeklyBlock] = []) {
        self.day = day
        self.blocks = blocks
    }
}

/// From `at` on, local time is UTC plus `offset` seconds.
package struct ZoneTransition: Hashable, Sendable {
    package var at: Timestamp
    package var offset: Int32
    package init(at: Timestamp, offset: Int32) {
        self.at = at
        self.offset = offset
    }
}
