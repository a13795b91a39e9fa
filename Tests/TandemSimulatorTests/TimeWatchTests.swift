import TandemCore
import TandemReadModel
import TandemWire
import Testing

@testable import TandemSimulator

/// What the watch over journaled time takes for right, and what not.
struct TimeWatchTests {
    private static let start: Int64 = 1_700_000_000_000

    /// An entry of a leadership, proposed at a millisecond of the run, with the time that it was given.
    private struct Step {
        let term: UInt64
        let moment: Int
        let time: Int64
        var followed: Set<UInt64> = []
        var wall: Int64 = 0
    }

    private func isRight(_ steps: [Step]) -> Bool {
        var watch = TimeWatch(factor: 1)
        do throws(Broken) {
            for (place, step) in steps.enumerated() {
                let index = UInt64(place + 1)
                let time = Timestamp(milliseconds: Self.start + step.time)
                let sight = TimeWatch.Sight(life: 1, member: 0, followed: step.followed, wall: Self.start + step.wall)
                watch.proposed(
                    index, TimeWatch.Reading(time: time, term: step.term, moment: step.moment * 1_000, by: sight))
                let entry = Entry(format: WireVersion.oldest, time: time, minted: 0, cause: .timer, events: [])
                try watch.committed(CommittedEntry(index: index, term: step.term, entry: entry))
            }
            return true
        } catch {
            return error.property != .journaledTime
        }
    }

    @Test("Under one leader time is steered by half a percent, either way, and no more")
    func steered() {
        #expect(isRight([Step(term: 1, moment: 0, time: 0), Step(term: 1, moment: 10_000, time: 10_050)]))
        #expect(isRight([Step(term: 1, moment: 0, time: 0), Step(term: 1, moment: 10_000, time: 9_950)]))
        #expect(!isRight([Step(term: 1, moment: 0, time: 0), Step(term: 1, moment: 10_000, time: 10_080)]))
        #expect(!isRight([Step(term: 1, moment: 0, time: 0), Step(term: 1, moment: 10_000, time: 9_920)]))
    }

    @Test("Who followed the leader before goes on from there, or makes up for what is too far behind its wall clock")
    func handedOver() {
        let first = Step(term: 1, moment: 0, time: 0)
        #expect(isRight([first, Step(term: 2, moment: 300, time: 310, followed: [1])]))
        #expect(isRight([first, Step(term: 2, moment: 300, time: 100, followed: [1])]), "what is late catches up")
        #expect(!isRight([first, Step(term: 2, moment: 300, time: 400, followed: [1], wall: 400)]))
        #expect(isRight([first, Step(term: 2, moment: 300, time: 2_500, followed: [1], wall: 3_000)]))
        #expect(isRight([first, Step(term: 2, moment: 300, time: 400)]), "it has just started, and knows nothing")
    }
}
