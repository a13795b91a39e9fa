import TandemCore
import Testing

@Suite("An agent")
struct AgentTests {
    private let ada = Party.agent(Sample.agent)
    private let staff = Party.staff(Sample.credential)
    private let session = SessionID(node: 1, incarnation: 1, number: 1)
    private let spare = SessionID(node: 1, incarnation: 1, number: 2)

    /// An agent of the sample view in one of the presences, with one session where a presence needs one.
    private func bench(_ name: String) throws -> Bench<Agent> {
        var bench = Bench(try #require(StillView.sample.agents[Sample.agent]))
        guard name != "loggedOut" else { return bench }
        try bench.run(.connectSession(session))
        try bench.run(.setPresence(.available, by: ada))
        switch name {
        case "onBreak": try bench.run(.setPresence(.onBreak(BreakCode("lunch")), by: ada))
        case "notResponding": bench.apply(.presenceChanged(try #require(bench.machine.afterNoAnswer(noAnswerMax: 3))))
        case "offline": try bench.run(.loseSession(session))
        default: #expect(name == "available")
        }
        return bench
    }

    private func name(_ presence: Presence) -> String {
        switch presence {
        case .loggedOut: "loggedOut"
        case .available: "available"
        case .onBreak(let code): "onBreak(\(code.text))"
        case .notResponding: "notResponding"
        case .offline: "offline"
        }
    }

    /// What becomes of the agent, or the refusal's code.
    private func outcome(_ bench: Bench<Agent>, _ command: AgentCommand) -> String {
        var copy = bench
        if let refusal = copy.refusal(command) { return refusal.code.rawValue }
        do {
            try copy.run(command)
            return name(copy.machine.presence)
        } catch { return "\(error)" }
    }

    @Test(
        "Every presence answers every command",
        arguments: [
            // available, onBreak, loggedOut by himself; by staff; connect, lose, close; wake
            (
                "loggedOut", ["available", "onBreak(tea)", "loggedOut", "available", "onBreak(tea)", "loggedOut"],
                ["loggedOut", "loggedOut", "loggedOut"]
            ),
            (
                "available", ["available", "onBreak(tea)", "loggedOut", "available", "onBreak(tea)", "loggedOut"],
                ["available", "offline", "loggedOut"]
            ),
            (
                "onBreak", ["available", "onBreak(tea)", "loggedOut", "available", "onBreak(tea)", "loggedOut"],
                ["onBreak(lunch)", "offline", "loggedOut"]
            ),
            (
                "notResponding", ["available", "onBreak(tea)", "loggedOut", "available", "onBreak(tea)", "loggedOut"],
                ["notResponding", "offline", "loggedOut"]
            ),
            (
                "offline",
                [
                    "agentNotAvailable", "agentNotAvailable", "loggedOut", "agentNotAvailable", "agentNotAvailable",
                    "loggedOut",
                ], ["available", "offline", "offline"]
            ),
        ])
    func table(presence: String, wishes: [String], sessions: [String]) throws {
        let bench = try bench(presence)
        let wish: [PresenceWish] = [.available, .onBreak(BreakCode("tea")), .loggedOut]
        #expect(wish.map { outcome(bench, .setPresence($0, by: ada)) } == Array(wishes[0..<3]))
        #expect(wish.map { outcome(bench, .setPresence($0, by: staff)) } == Array(wishes[3..<6]))
        #expect(
            [.connectSession(spare), .loseSession(session), .closeSession(session)].map { outcome(bench, $0) }
                == sessions)
        let stranger = Party.agent(Sample.foreignAgent)
        for by in [stranger, .bot, .customer(Sample.customer)] {
            #expect(
                wish.map { outcome(bench, .setPresence($0, by: by)) } == ["notAllowed", "notAllowed", "notAllowed"])
        }
        #expect(outcome(bench, .create(Sample.tenant, AgentProfile(name: "Ada"))) == "alreadyExists")
        #expect(outcome(bench, .loseSession(spare)) == name(bench.machine.presence), "a late loss is nothing")
        #expect(outcome(bench, .closeSession(spare)) == name(bench.machine.presence))
        var early = bench
        #expect(try early.wake().events.isEmpty)
        #expect(bench.machine.deadlines.map(\.at) == (presence == "offline" ? [bench.now + .seconds(30)] : []))
        #expect(bench.machine.nextDeadline == bench.machine.deadlines.first?.at)
    }

    @Test("An absent agent knows only how to be created")
    func absent() throws {
        let agent = Agent(absent: Sample.id(50))
        #expect(agent.isAbsent && agent.isDormant)
        var bench = Bench(agent)
        for command in [
            AgentCommand.change(AgentProfile(name: "Ada"), expecting: nil), .setPresence(.available, by: ada),
            .connectSession(session), .loseSession(session), .closeSession(session),
        ] { #expect(bench.refusal(command) == Refusal(.notFound)) }
        #expect(try bench.wake().events.isEmpty)
        let profile = AgentProfile(name: "Ada", queues: [Sample.queue])
        #expect(bench.refusal(.create(Sample.id(Sample.nobody), profile)) == Refusal(.notFound, field: "tenant"))
        let decision = try bench.run(.create(Sample.tenant, profile))
        #expect(decision.answer?.version == 1)
        #expect(bench.machine.profile == profile && bench.machine.presence == .loggedOut)
        #expect(!bench.machine.isDormant, "routing counts him")
    }

    @Test("A profile is put in order, checked against its tenant, and changes only for who has seen its version")
    func profile() throws {
        var bench = try bench("loggedOut")
        let level = SkillLevel(Sample.german, 4)
        func refusal(_ change: (inout AgentProfile) -> Void) -> Refusal? {
            var profile = AgentProfile(name: "Ada")
            change(&profile)
            return bench.refusal(.change(profile, expecting: nil))
        }
        #expect(refusal { $0.name = "" } == Refusal(.invalid, field: "name"))
        #expect(refusal { $0.skills = [SkillLevel(Sample.german, 0)] } == Refusal(.invalid, field: "skills[0].level"))
        #expect(refusal { $0.skills = [SkillLevel(Sample.german, 11)] } == Refusal(.invalid, field: "skills[0].level"))
        #expect(
            refusal { $0.skills = [level, SkillLevel(Sample.id(Sample.nobody), 1)] }
                == Refusal(.notFound, field: "skills[1].skill"))
        #expect(refusal { $0.queues = [Sample.foreignQueue] } == Refusal(.notFound, field: "queues[0]"))
        #expect(
            refusal { $0.queues = (1...65).map { Sample.id($0 + 100) } } == Refusal(.limitExceeded, field: "queues"))
        #expect(refusal { $0.channels.removeLast() } == Refusal(.invalid, field: "channels"))
        #expect(refusal { $0.channels[1].slots = 101 } == Refusal(.limitExceeded, field: "channels"))
        #expect(refusal { $0.channels[1].slots = 83 } == nil)
        #expect(refusal { $0.channels[1].slots = 85 } == Refusal(.limitExceeded, field: "channels"))
        #expect(refusal { $0.channels[2].weight = 1_001 } == Refusal(.invalid, field: "channels[2].weight"))
        #expect(
            refusal { $0.channels[2].blocks = ChannelSet(rawValue: 128) }
                == Refusal(.invalid, field: "channels[2].blocks"))

        let wanted = AgentProfile(
            name: "Ada", skills: [SkillLevel(Sample.sales, 2), level, SkillLevel(Sample.german, 9)],
            queues: [Sample.queue, Sample.queue])
        #expect(bench.refusal(.change(wanted, expecting: 2)) == Refusal(.versionConflict))
        #expect(try bench.run(.change(wanted, expecting: 1)).answer?.version == 2)
        #expect(bench.machine.profile.skills == [SkillLevel(Sample.german, 9), SkillLevel(Sample.sales, 2)])
        #expect(bench.machine.profile.queues == [Sample.queue])
        let same = try bench.run(.change(wanted, expecting: 2))
        #expect(same.events.isEmpty && same.answer?.version == 2, "the same again is no new version")
        bench.apply(.agentChanged(Sample.agent, Sample.tenant, wanted, version: .max))
        #expect(try bench.run(.change(AgentProfile(name: "Ada"), expecting: nil)).answer?.version == 1)
    }

    @Test("A lost connection voids his offers, keeps his contacts for the grace time, and then gives them back")
    func grace() throws {
        var bench = try bench("available")
        bench.apply(Sample.offered(1, .chat), Sample.accepted(1, .chat), Sample.offered(2, .chat))
        let lost = try bench.run(.loseSession(session))
        #expect(lost.asks == [ask(2, .offerVoid(Sample.agent))])
        #expect(bench.machine.presence == .offline(until: bench.now + .seconds(30)))
        #expect(bench.machine.presenceBefore == .available)
        bench.apply(Sample.ended(2, .chat, .void))
        bench.now = bench.now + .seconds(29)
        #expect(try bench.wake().events.isEmpty, "never early")
        var back = bench
        try back.run(.connectSession(spare))
        #expect(back.machine.presence == .available)
        #expect(back.machine.assignment(of: Sample.leg(1).contact)?.state == .busy)
        bench.now = bench.now + .seconds(1)
        let over = try bench.wake()
        #expect(over.asks == [ask(1, .agentLost(Sample.agent))])
        #expect(bench.machine.presence == .loggedOut && bench.machine.deadlines.isEmpty)
        #expect(try bench.wake().asks.isEmpty, "a timer that comes late finds nothing")
        bench.apply(Sample.queued(1, .agentLost, released: Sample.agent))
        #expect(bench.machine.assignments.isEmpty)
    }

    @Test("A break comes back as a break, and a second session keeps him where he is")
    func sessions() throws {
        var bench = try bench("onBreak")
        try bench.run(.connectSession(spare))
        #expect(try bench.run(.connectSession(spare)).events.isEmpty, "connected already")
        #expect(try bench.run(.loseSession(session)).events.count == 1)
        #expect(bench.machine.presence == .onBreak(BreakCode("lunch")))
        try bench.run(.loseSession(spare))
        #expect(bench.machine.sessions.isEmpty)
        try bench.run(.connectSession(session))
        #expect(bench.machine.presence == .onBreak(BreakCode("lunch")))
        for number in 2...UInt64(Limits.sessionsPerAgentMax) {
            try bench.run(.connectSession(SessionID(node: 1, incarnation: 1, number: 100 - number)))
        }
        #expect(bench.machine.sessions == bench.machine.sessions.sorted())
        #expect(bench.refusal(.connectSession(spare)) == Refusal(.limitExceeded, field: "sessions"))
    }

    @Test("He cannot log out with contacts in hand; staff can make him, and they go back")
    func logOut() throws {
        var bench = try bench("available")
        bench.apply(Sample.offered(1, .chat), Sample.accepted(1, .chat), Sample.wrapping(1), Sample.offered(2, .chat))
        #expect(bench.refusal(.setPresence(.loggedOut, by: ada)) == Refusal(.agentHasContacts))
        let forced = try bench.run(.setPresence(.loggedOut, by: staff))
        #expect(forced.asks == [ask(1, .agentLost(Sample.agent)), ask(2, .offerVoid(Sample.agent))])
        #expect(bench.machine.presence == .loggedOut)

        var ringing = try self.bench("available")
        ringing.apply(Sample.offered(2, .chat))
        #expect(
            try ringing.run(.setPresence(.onBreak(BreakCode("tea")), by: ada)).asks
                == [ask(2, .offerVoid(Sample.agent))])
        #expect(ringing.refusal(.setPresence(.onBreak(BreakCode("")), by: ada)) == Refusal(.invalid, field: "code"))
        #expect(ringing.refusal(.setPresence(.loggedOut, by: ada)) == nil, "a ringing offer keeps nobody")
    }

    @Test("Closing the last session with contacts in hand gives them the grace time")
    func close() throws {
        var bench = try bench("available")
        bench.apply(Sample.offered(1, .chat), Sample.accepted(1, .chat))
        try bench.run(.closeSession(session))
        #expect(bench.machine.presence == .offline(until: bench.now + .seconds(30)))
    }

    @Test("An unanswered offer makes him not responding, three in a row a break; an answer begins anew")
    func noAnswer() throws {
        var bench = try bench("available")
        func ringOut(_ number: UInt64) throws {
            bench.apply(Sample.offered(number, .chat), Sample.ended(number, .chat, .timedOut))
            bench.apply(.presenceChanged(try #require(bench.machine.afterNoAnswer(noAnswerMax: 3))))
        }
        try ringOut(1)
        #expect(bench.machine.presence == .notResponding && !bench.machine.admits(.chat))
        try bench.run(.setPresence(.available, by: ada))
        try ringOut(2)
        try bench.run(.setPresence(.available, by: ada))
        try ringOut(3)
        #expect(bench.machine.presence == .onBreak(.noAnswer))
        #expect(bench.machine.afterNoAnswer(noAnswerMax: 3) == nil, "he is away already")
        try bench.run(.setPresence(.available, by: ada))
        #expect(bench.machine.unanswered == 0)
        for answer in [Sample.accepted(5, .chat), Sample.ended(5, .chat, .rejected)] {
            try ringOut(4)
            try bench.run(.setPresence(.available, by: ada))
            bench.apply(Sample.offered(5, .chat), answer)
            #expect(bench.machine.unanswered == 0)
        }
    }

    @Test("An agent whose tenant is not loaded is a defect, not a guess")
    func tenantMissing() throws {
        var bench = try bench("available")
        bench.view = StillView()
        #expect(throws: DecideError.self) { try bench.run(.loseSession(session)) }
    }

    private func ask(_ number: UInt64, _ command: ContactCommand) -> Command {
        .conversation(Sample.leg(number).conversation, .contact(Sample.leg(number).contact, command))
    }
}
