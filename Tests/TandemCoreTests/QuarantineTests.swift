import TandemCore
import Testing

@Suite("The quarantine")
struct QuarantineTests {
    private func input(_ number: UInt64) -> QuarantinedInput {
        QuarantinedInput(
            input: number, summary: "offerTimeout", actor: ActorID(Sample.leg(1).conversation),
            contact: Sample.leg(1).contact, reason: "invariant broken")
    }

    @Test("An input that failed twice is listed once, until an operator has dealt with it")
    func life() throws {
        var bench = Bench(Quarantine(absent: 1))
        #expect(bench.machine.isAbsent && bench.machine.isDormant)
        let added = try bench.run(.add(input(1)))
        #expect(bench.machine.items.map(\.input) == [input(1)])
        let again = try bench.run(.add(input(1)))
        #expect(again.events.isEmpty && again.answer == added.answer)
        let id = QuarantineID(raw: try #require(added.answer?.part))
        #expect(bench.machine.item(input: 1, actor: ActorID(Sample.leg(1).conversation))?.id == id)
        #expect(bench.machine.item(input: 1, actor: ActorID(Sample.leg(2).conversation)) == nil)
        for by in [Party.bot, .customer(Sample.customer), .agent(Sample.agent)] {
            #expect(bench.refusal(.resolve(id, by: by)) == Refusal(.notAllowed))
        }
        let staff = Party.staff(Sample.credential)
        #expect(bench.refusal(.resolve(Sample.id(Sample.nobody), by: staff)) == Refusal(.notFound))
        try bench.run(.resolve(id, by: staff))
        #expect(bench.machine.items.isEmpty)
        #expect(bench.refusal(.resolve(id, by: staff)) == Refusal(.notFound))
        #expect(try bench.wake().events.isEmpty)
    }

    @Test("Full, it lets the oldest go and never refuses a new one")
    func full() throws {
        var bench = Bench(Quarantine(absent: 1))
        for number in 1...UInt64(Limits.quarantinedMax + 3) { try bench.run(.add(input(number))) }
        #expect(bench.machine.items.count == Limits.quarantinedMax)
        #expect(bench.machine.items.first?.input.input == 4)
        #expect(bench.machine.items.last?.input.input == UInt64(Limits.quarantinedMax + 3))
        let before = bench.machine
        bench.apply(
            .inputQuarantined(2, Sample.id(60), input(9)), .quarantineResolved(2, before.items[0].id, by: .system))
        #expect(bench.machine == before, "another partition's list is not this one")
    }
}
