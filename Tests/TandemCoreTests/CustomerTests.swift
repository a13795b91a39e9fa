import TandemCore
import Testing

@Suite("A customer")
struct CustomerTests {
    @Test("He is created once, changed by who has seen his version, and absent before")
    func commands() throws {
        var bench = Bench(Customer(absent: Sample.id(50)))
        let profile = CustomerProfile(name: "", tier: .vip, tags: ["b", "a", "b"], externalID: "k-1")
        #expect(bench.machine.isAbsent && bench.machine.isDormant)
        #expect(bench.refusal(.change(profile, expecting: nil)) == Refusal(.notFound))
        #expect(bench.refusal(.create(Sample.id(Sample.nobody), profile)) == Refusal(.notFound, field: "tenant"))
        #expect(try bench.run(.create(Sample.tenant, profile)).answer?.version == 1)
        #expect(bench.machine.profile.tags == ["a", "b"])
        #expect(bench.refusal(.create(Sample.tenant, profile)) == Refusal(.alreadyExists))
        #expect(try bench.run(.change(profile, expecting: 1)).events.isEmpty, "the same in another order")
        #expect(bench.refusal(.change(CustomerProfile(name: "Bo"), expecting: 3)) == Refusal(.versionConflict))
        #expect(try bench.run(.change(CustomerProfile(name: "Bo"), expecting: 1)).answer?.version == 2)
        #expect(try bench.wake().events.isEmpty)
    }

    @Test("What is wrong with his profile is refused by the name of the field")
    func profile() {
        let bench = Bench(StillView.sample.customers[Sample.customer] ?? Customer(absent: Sample.customer))
        func refusal(_ change: (inout CustomerProfile) -> Void) -> Refusal? {
            var profile = CustomerProfile(name: "Bo")
            change(&profile)
            return bench.refusal(.change(profile, expecting: nil))
        }
        let long = String(repeating: "x", count: 257)
        #expect(refusal { $0.name = long } == Refusal(.limitExceeded, field: "name"))
        #expect(refusal { $0.tags = ["a", ""] } == Refusal(.invalid, field: "tags[0]"))
        #expect(refusal { $0.tags = (0...32).map { "\($0)" } } == Refusal(.limitExceeded, field: "tags"))
        #expect(refusal { $0.externalID = "" } == Refusal(.invalid, field: "externalID"))
        #expect(refusal { $0.externalID = long } == Refusal(.limitExceeded, field: "externalID"))
    }

    @Test("He stays in memory while a conversation is open, and his last agent is remembered")
    func conversations() throws {
        var bench = Bench(try #require(StillView.sample.customers[Sample.customer]))
        bench.apply(Sample.opened(1), Sample.opened(2))
        #expect(bench.machine.open == 2 && !bench.machine.isDormant)
        bench.apply(Sample.accepted(1, .chat))
        #expect(bench.machine.lastAgent == Sample.agent && bench.machine.lastHandledAt == bench.now)
        bench.now = bench.now + .hours(1)
        bench.apply(Sample.closed(2, .abandoned, agent: nil))
        #expect(bench.machine.lastHandledAt == bench.now + .hours(-1), "nobody handled that one")
        bench.apply(Sample.closed(1, answeredAt: bench.now))
        #expect(bench.machine.lastHandledAt == bench.now)
        let closed = Event.conversationClosed(
            Sample.leg(1).conversation, Sample.tenant, Sample.customer, by: .system)
        bench.apply(closed, closed, closed)
        #expect(bench.machine.open == 0 && bench.machine.isDormant)
        bench.apply(.conversationReopened(Sample.leg(1).conversation, Sample.tenant, Sample.customer))
        #expect(bench.machine.open == 1)
        let before = bench.machine
        bench.apply(.conversationReopened(Sample.leg(1).conversation, Sample.tenant, Sample.foreignCustomer))
        bench.apply(.customerChanged(Sample.foreignCustomer, Sample.tenant, CustomerProfile(name: "x"), version: 4))
        #expect(bench.machine == before)
    }
}
