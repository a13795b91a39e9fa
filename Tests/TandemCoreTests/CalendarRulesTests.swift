import TandemCore
import Testing

@Suite("The rules of a calendar")
struct CalendarRulesTests {
    private func refusal(_ change: (inout CalendarSpec) -> Void) -> Refusal? {
        var spec = BusinessCalendar.office.spec
        change(&spec)
        do {
            try spec.normalized.validate()
            return nil
        } catch { return error }
    }

    @Test("Lists in any order are put in theirs, and a good calendar passes")
    func normalized() {
        #expect(refusal { $0.blocks.reverse() } == nil)
        #expect(refusal { $0.transitions.reverse() } == nil)
        #expect(refusal { $0.transitions = [] } == nil, "without a transition local time is UTC")
        let holidays = [Holiday(day: 3), Holiday(day: 1, blocks: [.init(weekday: 0, start: 60, end: 90)])]
        #expect(refusal { $0.holidays = holidays } == nil)
        var spec = BusinessCalendar.office.spec
        spec.blocks.reverse()
        #expect(spec.normalized == BusinessCalendar.office.spec)
    }

    @Test("What is wrong is refused by the name of its field")
    func refusals() {
        let long = String(repeating: "n", count: Limits.nameBytesMax + 1)
        #expect(refusal { $0.name = "" } == Refusal(.invalid, field: "name"))
        #expect(refusal { $0.name = long } == Refusal(.limitExceeded, field: "name"))
        #expect(refusal { $0.zone = "" } == Refusal(.invalid, field: "zone"))
        #expect(refusal { $0.blocks[9].weekday = 7 } == Refusal(.invalid, field: "blocks[9].weekday"))
        #expect(refusal { $0.blocks[0].end = 540 } == Refusal(.invalid, field: "blocks[0].end"))
        #expect(refusal { $0.blocks[9].end = 1_441 } == Refusal(.invalid, field: "blocks[9].end"))
        #expect(refusal { $0.blocks[0].end = 800 } == Refusal(.invalid, field: "blocks[1].start"))
        #expect(refusal { $0.blocks[0].end = 780 } == nil, "blocks may touch")
        #expect(
            refusal { $0.blocks = Array(repeating: $0.blocks[0], count: 65) }
                == Refusal(.limitExceeded, field: "blocks"))
        #expect(
            refusal { $0.holidays = [Holiday(day: 1), Holiday(day: 1)] }
                == Refusal(.invalid, field: "holidays[1].day"))
        #expect(
            refusal { $0.holidays = [Holiday(day: 1, blocks: [.init(weekday: 0, start: 9, end: 9)])] }
                == Refusal(.invalid, field: "holidays[0].blocks[0].end"))
        #expect(
            refusal { $0.holidays = (0...1_024).map { Holiday(day: $0) } }
                == Refusal(.limitExceeded, field: "holidays"))
        #expect(
            refusal { $0.transitions[1].at = $0.transitions[0].at }
                == Refusal(.invalid, field: "transitions[1].at"))
        #expect(
            refusal { $0.transitions[0].offset = -86_401 } == Refusal(.invalid, field: "transitions[0].offset"))
    }
}
