import Testing

@testable import TandemDrill

@Suite("The drill's checker of times")
struct ClockCheckTests {
    private static let second: UInt64 = 1_000_000_000
    private static let ahead: Int64 = 1_700_000_000_000

    /// A conversation opened ten seconds after the machine's start, which breaks its promise; by the true time.
    private func story(
        happened: Int64 = 10_050, broken: Int64 = 10_310, told: UInt64 = 10_320
    ) -> Evidence {
        var evidence = Evidence()
        evidence.wallAhead = Self.ahead
        evidence.operations = [
            Operation(
                process: "poster-0.1", kind: .open, key: "o1", partition: 0, tenant: "ten_1", conversation: "cnv_1",
                text: "o1", invoked: 10 * Self.second, returned: 10 * Self.second + 100_000_000, outcome: .ok,
                sequence: 1)
        ]
        let message = TranscriptMessage(sequence: 1, author: "cus_1", text: "o1", time: Self.ahead + happened)
        evidence.states = [
            NodeState(node: 1, transcripts: ["cnv_1": [message]], tenants: ["cnv_1": "ten_1"], agents: [])
        ]
        var seen = Self.seen(.clockBreached, position: 2, time: broken)
        seen.told = told * 1_000_000
        var stream = Stream(process: "observer-0", kind: .tenant, subject: "ten_1")
        stream.seen = [
            Seen(.message, position: 1, conversation: "cnv_1", sequence: 1, text: "o1"), seen,
        ]
        evidence.streams = [stream]
        return evidence
    }

    private func rules(_ evidence: Evidence) -> [Violation.Rule] { Checker.violations(in: evidence).map(\.rule) }

    @Test("Times between asking and answering are true, as far as clocks may be apart")
    func good() {
        #expect(rules(story()) == [])
        #expect(rules(story(happened: 9_500)) == [])
        #expect(rules(story(happened: 10_600)) == [])
    }

    @Test("A time outside of that is not", arguments: [9_300, 10_800, -3_590_000, 3_610_000])
    func untrue(happened: Int64) {
        #expect(rules(story(happened: happened)) == [.timesTrue])
        var unknown = story(happened: happened)
        unknown.operations[0].outcome = .unknown
        #expect(rules(unknown) == [], "nobody knows when it was done")
    }

    @Test("A promise that is found broken before its time is up came early, whatever the contact centre's time says")
    func early() {
        #expect(rules(story(told: 10_200)) == [.promisesInTime])
        #expect(rules(story(told: 10_249)) == [], "time is steered by half a percent")
    }

    @Test("A promise that is found broken long after its time was up came late")
    func late() {
        let late = 10_100 + Branch.promiseMilliseconds + ClockCheck.lateMilliseconds
        #expect(rules(story(broken: late + 1, told: UInt64(late) + 100)) == [.promisesInTime])
        #expect(rules(story(broken: late, told: UInt64(late) + 100)) == [])
    }

    @Test("A promise is found broken once, and not forgotten")
    func once() {
        var evidence = story()
        evidence.streams[0].seen.append(Self.seen(.clockBreached, position: 3, time: 10_400))
        #expect(rules(evidence) == [.promisesInTime])
        evidence = story()
        evidence.streams[0].seen[1] = Self.seen(.contactClosed, position: 2, time: 12_000)
        #expect(rules(evidence) == [])
        evidence.streams[0].seen[1] = Self.seen(.contactClosed, position: 2, time: 13_000)
        #expect(rules(evidence) == [.promisesInTime])
    }

    private static func seen(_ kind: Seen.Kind, position: Int64, time: Int64) -> Seen {
        var seen = Seen(kind, position: position, conversation: "cnv_1")
        seen.time = ahead + time
        seen.told = UInt64(time + 10) * 1_000_000
        return seen
    }

    @Test("A node whose clock is off leads nothing after a while")
    func leads() {
        var evidence = story()
        evidence.faults = [FaultLine(name: "stepClock", victims: [2], partitions: [1, 4], began: 1)]
        #expect(rules(evidence) == [])
        evidence.faults[0].stillLed = [4]
        #expect(rules(evidence) == [.wrongClocksLeadNothing])
    }
}
