import TandemCore
import TestChance

// Calendars with their zones written out, and moments by their civil date.

extension Timestamp {
    /// UTC.
    static func utc(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0) -> Timestamp {
        Timestamp(
            milliseconds: (daysSince1970(year, month, day) * 1_440 + Int64(hour * 60 + minute)) * 60_000)
    }
}

/// Counted year by year, on purpose the simplest way there is.
func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
    func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
    var days = 0
    for past in 1970..<year { days += isLeap(past) ? 366 : 365 }
    let lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    days += lengths.prefix(month - 1).reduce(0, +)
    return Int64(days + day - 1)
}

enum Zone: String, CaseIterable, Sendable {
    case berlin, newYork

    var transitions: [ZoneTransition] {
        switch self {
        case .berlin:
            [
                ZoneTransition(at: .utc(2025, 10, 26, 1), offset: 3_600),
                ZoneTransition(at: .utc(2026, 3, 29, 1), offset: 7_200),
                ZoneTransition(at: .utc(2026, 10, 25, 1), offset: 3_600),
                ZoneTransition(at: .utc(2027, 3, 28, 1), offset: 7_200),
            ]
        case .newYork:
            [
                ZoneTransition(at: .utc(2025, 11, 2, 6), offset: -18_000),
                ZoneTransition(at: .utc(2026, 3, 8, 7), offset: -14_400),
                ZoneTransition(at: .utc(2026, 11, 1, 6), offset: -18_000),
                ZoneTransition(at: .utc(2027, 3, 14, 7), offset: -14_400),
            ]
        }
    }

    var spring: Timestamp { transitions[1].at }
    var autumn: Timestamp { transitions[2].at }
}

extension BusinessCalendar {
    static func sample(
        _ blocks: [WeeklyBlock], holidays: [Holiday] = [], zone: [ZoneTransition] = Zone.berlin.transitions
    ) -> BusinessCalendar {
        BusinessCalendar(
            id: CalendarID(raw: 1 << 10), version: 1,
            spec: CalendarSpec(name: "hours", zone: "sample", blocks: blocks, holidays: holidays, transitions: zone))
    }

    /// Monday to Friday 9 to 12 and 13 to 17, Berlin time.
    static let office = BusinessCalendar.sample(
        (0..<5).flatMap { weekday in
            [
                WeeklyBlock(weekday: weekday, start: 9 * 60, end: 12 * 60),
                WeeklyBlock(weekday: weekday, start: 13 * 60, end: 17 * 60),
            ]
        })

    /// Up to three blocks a day, some days closed, some holidays in the fortnight around a day.
    static func random(_ random: inout SeededGenerator, zone: Zone, around moment: Timestamp) -> BusinessCalendar {
        func blocks(_ weekday: UInt8) -> [WeeklyBlock] {
            var cuts = Set<UInt16>()
            while cuts.count < 2 * random.below(4) { cuts.insert(UInt16(random.below(1_441))) }
            // The hours around the change of clocks are the ones to try.
            if random.chance(of: 30) { cuts = [0, 60, 120, 180] }
            let sorted = cuts.sorted()
            return stride(from: 0, to: sorted.count - 1, by: 2).map {
                WeeklyBlock(weekday: weekday, start: sorted[$0], end: sorted[$0 + 1])
            }
        }
        let week = (0..<7).flatMap { blocks($0) }
        let today = moment.milliseconds / 86_400_000
        var holidays: [Holiday] = []
        for day in (today - 7)...(today + 7) where random.chance(of: 20) {
            holidays.append(Holiday(day: Int32(day), blocks: random.chance(of: 50) ? [] : blocks(0)))
        }
        return .sample(week, holidays: holidays, zone: zone.transitions)
    }
}

/// The oracle: walks minute by minute and knows nothing of weeks or closed forms.
struct MinuteByMinute {
    let start: Timestamp
    /// Open minutes before each minute of the window.
    private(set) var openBefore: [Int64] = [0]
    private(set) var isOpen: [Bool] = []

    init(_ spec: CalendarSpec, from start: Timestamp, minutes: Int) {
        self.start = start
        for minute in 0..<minutes {
            let moment = start + .minutes(Int64(minute))
            isOpen.append(Self.isOpen(spec, at: moment))
            openBefore.append(openBefore[minute] + (isOpen[minute] ? 1 : 0))
        }
    }

    /// The first minute at which `need` open minutes have passed since another; nil when not in the window.
    func minute(after need: Int64, from minute: Int) -> Int? {
        openBefore[minute...].firstIndex { $0 - openBefore[minute] >= need }
    }

    private static func isOpen(_ spec: CalendarSpec, at moment: Timestamp) -> Bool {
        let offset = (spec.transitions.last { $0.at <= moment } ?? spec.transitions[0]).offset
        let localMinutes = (moment.milliseconds / 1_000 + Int64(offset)) / 60
        let day = localMinutes / 1_440
        let minute = localMinutes % 1_440
        let weekday = UInt8((day + 3) % 7)
        let blocks =
            spec.holidays.first { Int64($0.day) == day }?.blocks ?? spec.blocks.filter { $0.weekday == weekday }
        return blocks.contains { Int64($0.start) <= minute && minute < Int64($0.end) }
    }
}
