/// The open hours of a calendar on its local time line, where every day has 24 hours and no zone exists.
///
/// Local moments are milliseconds since 1970-01-01T00:00 of local time. Sums are closed forms over whole weeks with a
/// correction per holiday, so a span of years costs as much as one of days. Total on any decodable calendar: blocks that
/// overlap are counted twice, unsorted ones may be missed, nothing traps and nothing runs on.
struct CivilHours {
    static let day: Int64 = 86_400_000
    static let minute: Int64 = 60_000

    let spec: CalendarSpec

    static func dayIndex(of local: Int64) -> Int64 {
        let quotient = local / day
        return local % day < 0 ? quotient - 1 : quotient
    }

    /// The local midnight that begins a day; saturates.
    static func start(of dayIndex: Int64) -> Int64 { dayIndex.multipliedSaturated(by: day) }

    /// 0 is Monday; 1970-01-01 was a Thursday.
    static func weekday(of dayIndex: Int64) -> Int64 {
        let remainder = (dayIndex % 7 + 3) % 7
        return remainder < 0 ? remainder + 7 : remainder
    }

    func isOpen(at local: Int64) -> Bool {
        let day = Self.dayIndex(of: local)
        let moment = local - Self.start(of: day)
        var open = false
        forEachBlock(of: day) { start, end in
            if start <= moment, moment < end { open = true }
            return !open
        }
        return open
    }

    /// Open milliseconds from `start` (inclusive) to `end` (exclusive).
    func measure(from start: Int64, to end: Int64) -> Int64 {
        guard start < end else { return 0 }
        let first = Self.dayIndex(of: start)
        let last = Self.dayIndex(of: end)
        let from = start.subtractingSaturated(Self.start(of: first))
        let to = end.subtractingSaturated(Self.start(of: last))
        if first == last { return openTime(of: first, from: from, to: to) }
        return openTime(of: first, from: from, to: Self.day)
            .addingSaturated(wholeDays(from: first + 1, to: last))
            .addingSaturated(openTime(of: last, from: 0, to: to))
    }

    /// The earliest local moment at which `need` open milliseconds have passed since `start`.
    ///
    /// - Precondition: none that traps; `need` is positive and at most `measure(from: start, to: end)`, else the answer
    ///   is `end`.
    func moment(after need: Int64, from start: Int64, before end: Int64) -> Int64 {
        // Invariant: fewer than `need` have passed when day `low` begins, at least `need` when day `high` begins.
        var low = Self.dayIndex(of: start)
        var high = low + 1
        var span: Int64 = 1
        while measure(from: start, to: Self.start(of: high)) < need {
            guard Self.start(of: high) < end else { return end }
            low = high
            span *= 2
            high = low + span
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if measure(from: start, to: Self.start(of: middle)) < need { low = middle } else { high = middle }
        }
        let midnight = Self.start(of: low)
        let from = max(0, start.subtractingSaturated(midnight))
        var rest = need.subtractingSaturated(measure(from: start, to: midnight))
        var found = end
        forEachBlock(of: low) { blockStart, blockEnd in
            let open = blockEnd - max(blockStart, from)
            guard open > 0 else { return true }
            if open < rest {
                rest -= open
                return true
            }
            found = min(end, midnight.addingSaturated(max(blockStart, from) + rest))
            return false
        }
        return found
    }

    private func openTime(of day: Int64, from: Int64, to: Int64) -> Int64 {
        var sum: Int64 = 0
        forEachBlock(of: day) { start, end in
            sum += max(0, min(end, to) - max(start, from))
            return true
        }
        return sum
    }

    /// Open time of the whole days from `first` up to but not including `end`.
    private func wholeDays(from first: Int64, to end: Int64) -> Int64 {
        guard first < end else { return 0 }
        var sum: Int64 = 0
        for block in spec.blocks {
            let until = (Int64(block.weekday) - Self.weekday(of: first) + 7) % 7
            let occurrences = until < end - first ? (end - 1 - first - until) / 7 + 1 : 0
            sum = sum.addingSaturated(Self.length(of: block).multipliedSaturated(by: occurrences))
        }
        var place = holidayPlace(of: first)
        while place < spec.holidays.count, Int64(spec.holidays[place].day) < end {
            let holiday = spec.holidays[place]
            let weekday = Self.weekday(of: Int64(holiday.day))
            for block in holiday.blocks { sum = sum.addingSaturated(Self.length(of: block)) }
            for block in spec.blocks where Int64(block.weekday) == weekday {
                sum = sum.subtractingSaturated(Self.length(of: block))
            }
            place += 1
        }
        return sum
    }

    /// Calls `body` with start and end of each block of a day, in milliseconds since its midnight, until it says false.
    private func forEachBlock(of day: Int64, _ body: (Int64, Int64) -> Bool) {
        let place = holidayPlace(of: day)
        if place < spec.holidays.count, Int64(spec.holidays[place].day) == day {
            for block in spec.holidays[place].blocks {
                guard body(Self.start(of: block), Self.end(of: block)) else { return }
            }
            return
        }
        let weekday = Self.weekday(of: day)
        for block in spec.blocks where Int64(block.weekday) == weekday {
            guard body(Self.start(of: block), Self.end(of: block)) else { return }
        }
    }

    /// The place of the first holiday that is not before a day.
    private func holidayPlace(of day: Int64) -> Int {
        var low = 0
        var high = spec.holidays.count
        while low < high {
            let middle = (low + high) / 2
            if Int64(spec.holidays[middle].day) < day { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func start(of block: WeeklyBlock) -> Int64 { Int64(block.start) * minute }
    private static func end(of block: WeeklyBlock) -> Int64 { min(Int64(block.end) * minute, day) }
    private static func length(of block: WeeklyBlock) -> Int64 { max(0, end(of: block) - start(of: block)) }
}
