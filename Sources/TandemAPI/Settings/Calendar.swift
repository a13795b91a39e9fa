package import TandemCore

extension API {
    /// Business hours. Without `transitions` the node writes them out from its zone data for the zone's name.
    package struct Calendar: PartSettings {
        package var name: String
        package var zone: String
        package var blocks: [WeeklyBlock]
        package var holidays: [Holiday]?
        package var transitions: [ZoneTransition]?

        package init(
            name: String, zone: String, blocks: [WeeklyBlock], holidays: [Holiday]? = nil,
            transitions: [ZoneTransition]? = nil
        ) {
            self.name = name
            self.zone = zone
            self.blocks = blocks
            self.holidays = holidays
            self.transitions = transitions
        }

        package init(_ core: CalendarSpec) {
            self.init(
                name: core.name, zone: core.zone, blocks: core.blocks.map(WeeklyBlock.init),
                holidays: core.holidays.map(Holiday.init), transitions: core.transitions.map(ZoneTransition.init))
        }

        /// - Parameter transitions: those of `zone`, where the caller gave none
        package func core(transitions zone: [TandemCore.ZoneTransition]) throws(FieldProblem) -> CalendarSpec {
            var blocks: [TandemCore.WeeklyBlock] = []
            for (place, block) in self.blocks.enumerated() {
                blocks.append(try block.core(field: "blocks[\(place)]"))
            }
            var holidays: [TandemCore.Holiday] = []
            for (place, holiday) in (self.holidays ?? []).enumerated() {
                holidays.append(try holiday.core(field: "holidays[\(place)]"))
            }
            return CalendarSpec(
                name: name, zone: self.zone, blocks: blocks, holidays: holidays,
                transitions: transitions?.map(\.core) ?? zone)
        }

        package static let schemaDescription = "Business hours in a time zone."
        package static let schema = Schema.object([
            .required("name", .name),
            .required("zone", .name, "The IANA name of the time zone, such as `Asia/Shanghai`."),
            .required("blocks", .array(.named(WeeklyBlock.self), max: Limits.calendarBlocksMax)),
            .optional("holidays", .array(.named(Holiday.self), max: Limits.calendarHolidaysMax)),
            .optional(
                "transitions", .array(.named(ZoneTransition.self), min: 1, max: Limits.calendarTransitionsMax),
                "The zone's offsets, where the node's own zone data is not wanted."),
        ])
    }

    package struct WeeklyBlock: Described, Equatable {
        package var weekday: String
        package var start: String
        package var end: String

        static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

        package init(_ core: TandemCore.WeeklyBlock) {
            weekday = Self.weekdays[Int(core.weekday % 7)]
            start = ClockText.text(core.start)
            end = ClockText.text(core.end)
        }

        func core(field: String) throws(FieldProblem) -> TandemCore.WeeklyBlock {
            guard let day = Self.weekdays.firstIndex(of: weekday) else {
                throw FieldProblem(.invalid, field: "\(field).weekday", "Expected: a day of the week.")
            }
            return TandemCore.WeeklyBlock(
                weekday: UInt8(day), start: try ClockText.minutes(start, field: "\(field).start"),
                end: try ClockText.minutes(end, field: "\(field).end"))
        }

        package static let schemaDescription = "Open from `start` to `end`, local time; `end` is exclusive."
        package static let schema = Schema.object([
            .required("weekday", .word(weekdays)), .required("start", .clock), .required("end", .clock),
        ])
    }

    package struct Holiday: Described, Equatable {
        package var day: String
        package var blocks: [HolidayBlock]?

        package init(_ core: TandemCore.Holiday) {
            day = TimestampText.dayText(core.day)
            blocks = core.blocks.map {
                HolidayBlock(start: ClockText.text($0.start), end: ClockText.text($0.end))
            }
        }

        func core(field: String) throws(FieldProblem) -> TandemCore.Holiday {
            guard let count = TimestampText.parseDay(day) else {
                throw FieldProblem(.invalid, field: "\(field).day", "Expected: a date like 2026-11-23.")
            }
            var blocks: [TandemCore.WeeklyBlock] = []
            for (place, block) in (self.blocks ?? []).enumerated() {
                let name = "\(field).blocks[\(place)]"
                blocks.append(
                    TandemCore.WeeklyBlock(
                        weekday: 0, start: try ClockText.minutes(block.start, field: "\(name).start"),
                        end: try ClockText.minutes(block.end, field: "\(name).end")))
            }
            return TandemCore.Holiday(day: count, blocks: blocks)
        }

        package static let schemaDescription = "A local date that is closed, or open in other blocks."
        package static let schema = Schema.object([
            .required("day", .day),
            .optional("blocks", .array(.named(HolidayBlock.self), max: Limits.calendarBlocksMax)),
        ])
    }

    package struct HolidayBlock: Described, Equatable {
        package var start: String
        package var end: String
        package init(start: String, end: String) {
            self.start = start
            self.end = end
        }
        package static let schemaDescription = "Open from `start` to `end` on that day."
        package static let schema = Schema.object([.required("start", .clock), .required("end", .clock)])
    }

    package struct ZoneTransition: Described, Equatable {
        package var at: Timestamp
        package var offset: Int32
        package init(at: Timestamp, offset: Int32) {
            self.at = at
            self.offset = offset
        }
        package init(_ core: TandemCore.ZoneTransition) { self.init(at: core.at, offset: core.offset) }
        package var core: TandemCore.ZoneTransition { TandemCore.ZoneTransition(at: at, offset: offset) }
        package static let schemaDescription = "From `at` on, local time is UTC plus `offset` seconds."
        package static let schema = Schema.object([
            .required("at", .time), .required("offset", .integer(-86_400...86_400)),
        ])
    }

    /// Times of day as `09:30`; `24:00` ends a day.
    package enum ClockText {
        /// Minutes since midnight.
        package static func parse(_ text: String) -> UInt16? {
            let bytes = Array(text.utf8)
            guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
            var digits: [UInt16] = []
            for place in [0, 1, 3, 4] {
                guard (48...57).contains(bytes[place]) else { return nil }
                digits.append(UInt16(bytes[place] - 48))
            }
            let minute = digits[2] * 10 + digits[3]
            let minutes = (digits[0] * 10 + digits[1]) * 60 + minute
            return minute < 60 && minutes <= 1_440 ? minutes : nil
        }

        package static func text(_ minutes: UInt16) -> String {
            let (hour, minute) = (minutes / 60, minutes % 60)
            return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
        }

        static func minutes(_ text: String, field: String) throws(FieldProblem) -> UInt16 {
            guard let minutes = parse(text) else {
                throw FieldProblem(.invalid, field: field, "Expected: a time of day like 09:30.")
            }
            return minutes
        }
    }
}
