import TandemCore
import Testing

@Suite("A tenant")
struct TenantTests {
    private let bench = Bench(Sample.record)

    @Test("It is created once, changed by who has seen its version, and absent before")
    func commands() throws {
        var bench = Bench(Tenant(absent: Sample.id(50)))
        let settings = TenantSettings(name: "Acme")
        #expect(bench.machine.isAbsent)
        for command in [
            TenantCommand.change(settings, expecting: nil), .defineSkill(name: "German"),
            .putCalendar(nil, BusinessCalendar.office.spec, expecting: nil),
            .putRoutingPolicy(nil, RoutingPolicySpec(name: "r", rules: []), expecting: nil),
            .putSLAPolicy(nil, .standard, expecting: nil),
        ] { #expect(bench.refusal(command) == Refusal(.notFound)) }
        #expect(
            try bench.run(.create(settings)).answer == Answer(actor: ActorID(Sample.id(50) as TenantID), version: 1))
        #expect(bench.refusal(.create(settings)) == Refusal(.alreadyExists))
        var changed = settings
        changed.graceOffline = .minutes(1)
        #expect(bench.refusal(.change(changed, expecting: 2)) == Refusal(.versionConflict))
        #expect(try bench.run(.change(changed, expecting: 1)).answer?.version == 2)
        #expect(bench.machine.settings == changed && bench.machine.version == 2)
        #expect(try bench.run(.change(changed, expecting: 2)).events.isEmpty, "the same again is no new version")
        bench.apply(.tenantChanged(bench.machine.id, settings, version: .max))
        #expect(try bench.run(.change(changed, expecting: nil)).answer?.version == 1, "0 would mean absent")
        #expect(try bench.wake().events.isEmpty)
    }

    @Test("What is wrong with its settings is refused by the name of the field")
    func settings() {
        func refusal(_ change: (inout TenantSettings) -> Void) -> Refusal? {
            var settings = TenantSettings(name: "Acme")
            change(&settings)
            return bench.refusal(.change(settings, expecting: nil))
        }
        #expect(refusal { $0.name = "" } == Refusal(.invalid, field: "name"))
        #expect(refusal { $0.graceOffline = Milliseconds(-1) } == Refusal(.invalid, field: "graceOffline"))
        #expect(
            refusal { $0.preferredWindow = .hours(24 * 366 + 1) } == Refusal(.limitExceeded, field: "preferredWindow"))
        #expect(refusal { $0.declinePause = Milliseconds(.min) } == Refusal(.invalid, field: "declinePause"))
        #expect(refusal { $0.noAnswerMax = 0 } == Refusal(.invalid, field: "noAnswerMax"))
        #expect(refusal { $0.graceOffline = .zero } == nil)
    }

    @Test("A skill has one name and a name one skill")
    func skills() throws {
        var bench = bench
        let french = try bench.run(.defineSkill(name: "French"))
        let again = try bench.run(.defineSkill(name: "French"))
        #expect(again.events.isEmpty && again.answer == french.answer)
        let part = try #require(french.answer?.part)
        #expect(bench.machine.skill(SkillID(raw: part))?.name == "French")
        #expect(bench.machine.skills.map(\.id) == bench.machine.skills.map(\.id).sorted())
        #expect(bench.refusal(.defineSkill(name: "")) == Refusal(.invalid, field: "name"))
        while bench.machine.skills.count < Limits.skillsPerTenantMax {
            try bench.run(.defineSkill(name: "skill \(bench.machine.skills.count)"))
        }
        #expect(bench.refusal(.defineSkill(name: "one more")) == Refusal(.limitExceeded, field: "skills"))
    }

    @Test("Its parts are made without an address, changed at their version, and not found under a wrong one")
    func parts() throws {
        var bench = bench
        var spec = BusinessCalendar.office.spec
        spec.name = "late"
        spec.blocks.reverse()
        let made = try bench.run(.putCalendar(nil, spec, expecting: nil))
        let id = CalendarID(raw: try #require(made.answer?.part))
        #expect(made.answer?.version == 1)
        #expect(bench.machine.calendar(id)?.spec == spec.normalized)
        #expect(try bench.run(.putCalendar(id, spec, expecting: 1)).events.isEmpty)
        spec.name = "later"
        #expect(bench.refusal(.putCalendar(id, spec, expecting: 2)) == Refusal(.versionConflict))
        #expect(try bench.run(.putCalendar(id, spec, expecting: 1)).answer?.version == 2)
        #expect(bench.refusal(.putCalendar(Sample.id(Sample.nobody), spec, expecting: nil)) == Refusal(.notFound))
        #expect(bench.refusal(.putCalendar(nil, spec, expecting: 1)) == Refusal(.versionConflict))
        spec.zone = ""
        #expect(bench.refusal(.putCalendar(nil, spec, expecting: nil)) == Refusal(.invalid, field: "zone"))

        let policy = RoutingPolicySpec(name: "second", rules: [])
        let put = try bench.run(.putRoutingPolicy(Sample.routingPolicy, policy, expecting: 1))
        #expect(put.answer?.version == 2)
        #expect(bench.machine.routingPolicy(Sample.routingPolicy)?.spec == policy)
        #expect(try bench.run(.putRoutingPolicy(nil, policy, expecting: nil)).answer?.version == 1)
        #expect(bench.machine.routingPolicies.count == 2)
        #expect(
            bench.refusal(.putRoutingPolicy(Sample.id(Sample.nobody), policy, expecting: nil)) == Refusal(.notFound))
    }

    @Test("A promise has a target in time, on a channel, by a calendar that is there")
    func promises() throws {
        var bench = bench
        func refusal(_ change: (inout SLATarget) -> Void) -> Refusal? {
            var target = SLATarget(metric: .answer, channels: .chat, target: .seconds(20), calendar: Sample.calendar)
            change(&target)
            return bench.refusal(
                .putSLAPolicy(nil, SLAPolicySpec(name: "p", targets: [target]), expecting: nil))
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.channels = [] } == Refusal(.invalid, field: "targets[0].channels"))
        #expect(
            refusal { $0.channels = ChannelSet(rawValue: 130) } == Refusal(.invalid, field: "targets[0].channels"))
        #expect(refusal { $0.metric = .resolution } == nil)
        for percent: UInt8 in [0, 100, 255] {
            #expect(
                refusal { $0.warnPercent = percent } == Refusal(.invalid, field: "targets[0].warnPercent"))
        }
        for percent: UInt8 in [1, 99] { #expect(refusal { $0.warnPercent = percent } == nil) }
        #expect(refusal { $0.target = .zero } == Refusal(.invalid, field: "targets[0].target"))
        #expect(
            refusal { $0.calendar = Sample.id(Sample.nobody) } == Refusal(.notFound, field: "targets[0].calendar"))
        let put = try bench.run(.putSLAPolicy(Sample.slaPolicy, SLAPolicySpec(name: "none", targets: []), expecting: 1))
        #expect(put.answer?.version == 2 && bench.machine.slaPolicy(Sample.slaPolicy)?.spec.targets == [])
        let many = SLAPolicySpec(name: "p", targets: Array(repeating: SLAPolicySpec.standard.targets[0], count: 65))
        #expect(
            bench.refusal(.putSLAPolicy(nil, many, expecting: nil)) == Refusal(.limitExceeded, field: "targets"))
    }

    @Test("Another tenant's events leave it alone")
    func others() {
        var machine = bench.machine
        for event in [
            Event.tenantChanged(Sample.otherTenant, TenantSettings(name: "x"), version: 9),
            .skillDefined(Sample.otherTenant, Skill(id: Sample.id(60), name: "x")),
            .calendarPut(Sample.otherTenant, .office),
            Sample.queued(1),
        ] { machine.apply(event, at: bench.now) }
        #expect(machine == bench.machine)
    }
}

@Suite("The rules of a routing policy")
struct RoutingPolicyRulesTests {
    private let bench = Bench(Sample.record)

    private func refusal(
        _ condition: RoutingCondition = .always, _ change: (inout RoutingStep) -> Void = { _ in }
    ) -> Refusal? {
        var step = RoutingStep(length: .seconds(30))
        change(&step)
        return refusal([RoutingRule(condition: condition, steps: [step])])
    }

    private func refusal(_ rules: [RoutingRule]) -> Refusal? {
        bench.refusal(.putRoutingPolicy(nil, RoutingPolicySpec(name: "p", rules: rules), expecting: nil))
    }

    @Test("A step names what is there, and has a length where something follows it")
    func steps() {
        let field = "rules[0].steps[0]"
        #expect(refusal() == nil)
        #expect(refusal { $0.queue = Sample.queue } == nil)
        #expect(refusal { $0.queue = Sample.foreignQueue } == Refusal(.notFound, field: field + ".queue"))
        #expect(
            refusal { $0.skills = [SkillLevel(Sample.german, 12)] }
                == Refusal(.invalid, field: field + ".skills[0].level"))
        #expect(refusal { $0.preferred = [Sample.agent] } == nil)
        #expect(
            refusal { $0.preferred = [Sample.foreignAgent] } == Refusal(.notFound, field: field + ".preferred[0]"))
        #expect(refusal { $0.length = Milliseconds(-1) } == Refusal(.invalid, field: field + ".length"))
        #expect(
            refusal {
                $0.length = nil
                $0.onExpiry = [.offerCallback]
            } == Refusal(.invalid, field: field + ".length"))
        let rule = RoutingRule(condition: .always, steps: [])
        #expect(refusal([rule]) == Refusal(.invalid, field: "rules[0].steps"))
        let full = RoutingRule(condition: .always, steps: Array(repeating: RoutingStep(), count: 17))
        #expect(refusal([full]) == Refusal(.limitExceeded, field: "rules[0].steps"))
        let fine = RoutingRule(condition: .always, steps: [RoutingStep()])
        #expect(refusal(Array(repeating: fine, count: 65)) == Refusal(.limitExceeded, field: "rules"))
    }

    @Test("Every operation is checked")
    func operations() {
        let field = "rules[0].steps[0].onExpiry[0]"
        let nothing: SkillID = Sample.id(Sample.nobody)
        let table: [(RoutingOperation, Refusal?)] = [
            (.lowerLevel(Sample.german, by: 2), nil), (.dropSkill(Sample.german), nil), (.widen(Sample.queue), nil),
            (.raisePriority(by: 3), nil), (.boost(-5), nil), (.overflow(Sample.queue), nil), (.offerCallback, nil),
            (.close(message: "Sorry"), nil),
            (.lowerLevel(Sample.german, by: 0), Refusal(.invalid, field: field + ".by")),
            (.lowerLevel(nothing, by: 1), Refusal(.notFound, field: field + ".skill")),
            (.dropSkill(nothing), Refusal(.notFound, field: field + ".skill")),
            (.widen(Sample.foreignQueue), Refusal(.notFound, field: field + ".queue")),
            (.overflow(Sample.foreignQueue), Refusal(.notFound, field: field + ".queue")),
            (.raisePriority(by: 10), Refusal(.invalid, field: field + ".by")),
            (
                .close(message: String(repeating: "x", count: 16_385)),
                Refusal(.limitExceeded, field: field + ".message")
            ),
        ]
        for (operation, expected) in table { #expect(refusal { $0.onExpiry = [operation] } == expected) }
        #expect(
            refusal { $0.onExpiry = Array(repeating: .offerCallback, count: 9) }
                == Refusal(.limitExceeded, field: "rules[0].steps[0].onExpiry"))
    }

    @Test("Every condition is checked")
    func conditions() {
        let field = "rules[0].condition"
        let table: [(RoutingCondition, Refusal?)] = [
            (.tierAtLeast(.vip), nil), (.positionAtLeast(3), nil), (.open(Sample.calendar), nil),
            (.all([]), nil), (.availableAtMost(nil, 0), nil), (.loggedInAtMost(Sample.queue, 0), nil),
            (.channel([]), Refusal(.invalid, field: field + ".channels")),
            (.tag(""), Refusal(.invalid, field: field + ".tag")),
            (.waitAtLeast(Milliseconds(-1)), Refusal(.invalid, field: field + ".wait")),
            (.estimatedWaitAtLeast(Milliseconds(.max)), Refusal(.limitExceeded, field: field + ".wait")),
            (.waitingAtLeast(Sample.foreignQueue, 1), Refusal(.notFound, field: field + ".queue")),
            (.serviceLevelBelow(nil, 1_001), Refusal(.invalid, field: field + ".level")),
            (.closed(Sample.id(Sample.nobody)), Refusal(.notFound, field: field + ".calendar")),
            (.not(.open(Sample.id(Sample.nobody))), Refusal(.notFound, field: field + ".not.calendar")),
            (.any([.always, .tag("")]), Refusal(.invalid, field: field + ".of[1].tag")),
        ]
        for (condition, expected) in table { #expect(refusal(condition) == expected) }
    }

    @Test("Conditions nest eight deep at most, and a rule has 64")
    func bounds() {
        var nested = RoutingCondition.always
        for _ in 1..<8 { nested = .not(nested) }
        #expect(refusal(nested) == nil)
        #expect(refusal(.not(nested))?.code == .limitExceeded)
        #expect(refusal(.all(Array(repeating: .always, count: 63))) == nil)
        #expect(refusal(.all(Array(repeating: .always, count: 64)))?.code == .limitExceeded)
    }

    @Test("Skills are sorted and preferred agents kept once, in their order")
    func normalized() throws {
        var bench = bench
        let step = RoutingStep(
            skills: [SkillLevel(Sample.sales, 1), SkillLevel(Sample.german, 3), SkillLevel(Sample.german, 2)],
            preferred: [Sample.agent, Sample.agent])
        let spec = RoutingPolicySpec(name: "p", rules: [RoutingRule(condition: .always, steps: [step])])
        try bench.run(.putRoutingPolicy(Sample.routingPolicy, spec, expecting: nil))
        let kept = bench.machine.routingPolicy(Sample.routingPolicy)?.spec.rules.first?.steps.first
        #expect(kept?.skills == [SkillLevel(Sample.german, 3), SkillLevel(Sample.sales, 1)])
        #expect(kept?.preferred == [Sample.agent])
    }
}
