import TandemCore
import TestChance
import Testing

@Suite("Business time")
struct BusinessTimeTests {
    @Test("It agrees with counting minute by minute around both changes of the clocks", arguments: Zone.allCases)
    func oracle(zone: Zone) {
        for seed in 1...UInt64(24) {
            var random = SeededGenerator(seed: seed)
            for change in [zone.spring, zone.autumn] {
                let calendar = BusinessCalendar.random(&random, zone: zone, around: change)
                let start = change + .hours(-96)
                let minutes = 8 * 1_440
                let oracle = MinuteByMinute(calendar.spec, from: start, minutes: minutes)
                // Every seventh minute, and each one of the hours around the change.
                for minute in 0..<minutes where minute % 7 == 0 || abs(minute - 96 * 60) <= 120 {
                    let moment = start + .minutes(Int64(minute))
                    #expect(calendar.isOpen(at: moment) == oracle.isOpen[minute], "seed \(seed), minute \(minute)")
                }
                for _ in 0..<60 {
                    compare(calendar, with: oracle, minutes: minutes, &random, seed: seed)
                }
            }
        }
    }

    private func compare(
        _ calendar: BusinessCalendar, with oracle: MinuteByMinute, minutes: Int, _ random: inout SeededGenerator,
        seed: UInt64
    ) {
        let first = random.below(minutes)
        let last = first + random.below(minutes - first)
        let from = oracle.start + .minutes(Int64(first))
        let to = oracle.start + .minutes(Int64(last))
        let open = oracle.openBefore[last] - oracle.openBefore[first]
        #expect(calendar.elapsed(from: from, to: to) == .minutes(open), "seed \(seed), from \(first) to \(last)")
        let need = Int64(1 + random.below(1_200))
        guard let due = oracle.minute(after: need, from: first) else { return }
        #expect(
            calendar.add(.minutes(need), to: from) == oracle.start + .minutes(Int64(due)),
            "seed \(seed), \(need) from \(first)")
    }

    @Test("What has elapsed when an addition is over is what was added, over years", arguments: 1...UInt64(60))
    func inverse(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let zone = Zone.allCases[random.below(2)]
        let calendar = BusinessCalendar.random(&random, zone: zone, around: zone.autumn)
        let start = Timestamp(milliseconds: zone.spring.milliseconds + Int64(random.below(40_000_000_000)))
        let time = Milliseconds(Int64(1 + random.below(90_000_000_000)))
        let due = calendar.add(time, to: start)
        if due == .distantFuture {
            #expect(calendar.spec.blocks.isEmpty)
            #expect(calendar.elapsed(from: start, to: .distantFuture) < time)
        } else {
            #expect(calendar.elapsed(from: start, to: due) == time)
            // The earliest such moment: a millisecond before, one is missing.
            let before = Timestamp(milliseconds: due.milliseconds - 1)
            #expect(calendar.elapsed(from: start, to: before) == time - Milliseconds(1))
            let middle = Timestamp(
                milliseconds: start.milliseconds + (due.milliseconds - start.milliseconds) / 3)
            #expect(
                calendar.elapsed(from: start, to: middle) + calendar.elapsed(from: middle, to: due) == time)
            #expect(calendar.add(calendar.elapsed(from: start, to: middle), to: start) <= max(start, middle))
        }
    }

    @Test("Two hours asked for on a Friday at four are over on Monday at ten")
    func overTheWeekend() {
        // 2026-06-05 is a Friday; Berlin is two hours ahead.
        let friday = Timestamp.utc(2026, 6, 5, 14)
        #expect(BusinessCalendar.office.add(.hours(2), to: friday) == .utc(2026, 6, 8, 8))
        #expect(BusinessCalendar.office.add(.hours(1), to: friday) == .utc(2026, 6, 5, 15), "due as the doors close")
        #expect(BusinessCalendar.office.add(.zero, to: .utc(2026, 6, 6)) == .utc(2026, 6, 6))
        #expect(BusinessCalendar.office.elapsed(from: friday, to: .utc(2026, 6, 1)) == .zero)
    }

    @Test("A block in the skipped hour is never open, one in the repeated hour is open twice")
    func changeOfClocks() {
        let night = BusinessCalendar.sample([WeeklyBlock(weekday: 6, start: 120, end: 180)])
        #expect(night.elapsed(from: .utc(2026, 3, 28, 12), to: .utc(2026, 3, 29, 12)) == .zero)
        #expect(night.elapsed(from: .utc(2026, 10, 24, 12), to: .utc(2026, 10, 25, 12)) == .hours(2))
        // A quarter of an hour asked for before the skipped block waits for the Sunday after.
        #expect(night.add(.minutes(15), to: .utc(2026, 3, 29, 0, 30)) == .utc(2026, 4, 5, 0, 15))
        #expect(night.add(.minutes(75), to: .utc(2026, 10, 24)) == .utc(2026, 10, 25, 1, 15))
        #expect(night.isOpen(at: .utc(2026, 10, 25, 0, 30)))
        #expect(night.isOpen(at: .utc(2026, 10, 25, 1, 30)))
        #expect(!night.isOpen(at: .utc(2026, 10, 25, 2)))
    }

    @Test("A holiday is closed, or open in blocks of its own")
    func holidays() {
        let day = Int32(daysSince1970(2026, 6, 8))
        let closed = BusinessCalendar.sample(BusinessCalendar.office.spec.blocks, holidays: [Holiday(day: day)])
        #expect(closed.elapsed(from: .utc(2026, 6, 8), to: .utc(2026, 6, 9)) == .zero)
        #expect(closed.elapsed(from: .utc(2026, 6, 1), to: .utc(2026, 6, 15)) == .hours(9 * 7))
        let short = BusinessCalendar.sample(
            BusinessCalendar.office.spec.blocks,
            holidays: [Holiday(day: day, blocks: [WeeklyBlock(weekday: 0, start: 600, end: 660)])])
        #expect(short.elapsed(from: .utc(2026, 6, 8), to: .utc(2026, 6, 9)) == .hours(1))
        #expect(short.elapsed(from: .utc(2026, 6, 1), to: .utc(2026, 6, 15)) == .hours(9 * 7 + 1))
    }

    @Test("A calendar that is never open again gives the distant future, at once")
    func neverOpen() {
        #expect(BusinessCalendar.sample([]).add(.seconds(1), to: .utc(2026, 1, 1)) == .distantFuture)
        let once = BusinessCalendar.sample(
            [],
            holidays: [
                Holiday(
                    day: Int32(daysSince1970(2031, 5, 4)), blocks: [WeeklyBlock(weekday: 0, start: 60, end: 120)])
            ])
        #expect(once.add(.minutes(60), to: .utc(2026, 1, 1)) == .utc(2031, 5, 4, 0))
        #expect(once.add(.minutes(61), to: .utc(2026, 1, 1)) == .distantFuture)
        let always = BusinessCalendar.sample((0..<7).map { WeeklyBlock(weekday: $0, start: 0, end: 1_440) })
        #expect(always.add(.hours(24 * 366 * 100), to: .utc(2026, 1, 1)) == .utc(2026, 1, 1) + .hours(24 * 366 * 100))
        #expect(always.add(Milliseconds(.max), to: .utc(2026, 1, 1)) == .distantFuture)
    }

    @Test("No decodable calendar traps or runs on", arguments: 1...UInt64(200))
    func total(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func number() -> Int64 {
            switch random.below(4) {
            case 0: .min
            case 1: .max
            case 2: Int64(bitPattern: random.next())
            default: Int64(random.below(2_000_000_000)) * 1_000
            }
        }
        func blocks() -> [WeeklyBlock] {
            (0..<random.below(5)).map { _ in
                WeeklyBlock(
                    weekday: UInt8(random.below(256)), start: UInt16(random.below(65_536)),
                    end: UInt16(random.below(65_536)))
            }
        }
        let calendar = BusinessCalendar.sample(
            blocks() + blocks(),
            holidays: (0..<random.below(5)).map { _ in
                Holiday(day: Int32(truncatingIfNeeded: random.next()), blocks: blocks())
            },
            zone: (0..<random.below(5)).map { _ in
                ZoneTransition(at: Timestamp(milliseconds: number()), offset: Int32(truncatingIfNeeded: random.next()))
            })
        for _ in 0..<20 {
            let moments = [Timestamp(milliseconds: number()), Timestamp(milliseconds: number())]
            _ = calendar.isOpen(at: moments[0])
            #expect(calendar.elapsed(from: moments[0], to: moments[1]) >= .zero)
            _ = calendar.add(Milliseconds(number()), to: moments[0])
        }
    }
}
