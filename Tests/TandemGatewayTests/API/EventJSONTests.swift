import TandemAPI
import TandemCore
import Testing

@Suite("Events as JSON")
struct EventJSONTests {
    private func json(_ event: Event) throws -> JSONValue {
        var writer = JSONWriter()
        writer.event(event, position: 4_100, time: Timestamp(milliseconds: 1_000))
        return try JSONValue(parsing: writer.bytes)
    }

    @Test("Every event is one JSON object with its position, time and type, and no key twice")
    func everyEvent() throws {
        var types: Set<String> = []
        for event in EventSamples.all {
            let value = try json(event)
            #expect(value["position"] == .integer(4_100))
            #expect(value["time"]?.text == "1970-01-01T00:00:01.000Z")
            let type = try #require(value["type"]?.text)
            #expect(type == String("\(event)".prefix { $0 != "(" }), "named as its case")
            #expect(types.insert(type).inserted, "\(type) is sampled once")
            #expect(value.keys.count > 3, "\(type) has fields of its own")
            if let leg = event.leg {
                #expect(value["contact"]?.text == leg.contact.description, "\(type)")
                #expect(value["conversation"]?.text == leg.conversation.description, "\(type)")
            }
            if let tenant = event.tenant { #expect(value["tenant"]?.text == tenant.description, "\(type)") }
        }
        #expect(types.count == 52)
    }

    @Test("A message carries its text, whatever is in it")
    func message() throws {
        let text = "a\"\\\n\u{1}é😀</script>"
        var message = EventSamples.message
        message.text = text
        let value = try json(.messagePosted(message))
        #expect(value["text"]?.text == text)
        #expect(value["author"]?.text == message.author.text)
        #expect(value["sequence"] == .integer(7))
        #expect(value["clientID"]?.text == "m1")
        #expect(value["agents"] == nil, "who else handles it is nobody's business")
    }

    @Test("What nobody promised is told without a target, a deadline or a rest, and not with zero")
    func unpromised() throws {
        let leg = EventSamples.leg
        let without = [
            "target", "warnPercent", "policyVersion", "calendar", "warnAt", "dueAt", "remaining", "used", "since",
        ]
        for event: Event in [
            .clockActivated(leg, ClockSet(metric: .firstReply, promise: nil)),
            .clockPaused(leg, .firstReply, remaining: nil),
            .clockResumed(leg, .firstReply, warnAt: nil, dueAt: nil),
            .clockPolicyApplied(leg, ClockTerms(metric: .firstReply, promise: nil)),
        ] {
            let value = try json(event)
            #expect(value["metric"]?.text == "firstReply")
            for key in without { #expect(value[key] == nil, "\(key) of \(event)") }
        }
        let fulfilled = try json(.clockFulfilled(leg, .firstReply, elapsed: .seconds(9), promised: false))
        #expect(fulfilled["promised"] == .boolean(false) && fulfilled["elapsed"] == .integer(9_000))
        #expect(try json(.clockBreached(leg, .answer))["brokenAt"] == nil)
        let broken = try json(.clockBreached(leg, .answer, brokenAt: Timestamp(milliseconds: 1_000)))
        #expect(broken["brokenAt"]?.text == "1970-01-01T00:00:01.000Z")
        let applied = try json(.clockPolicyApplied(leg, ClockTerms(metric: .answer, promise: EventSamples.promise)))
        #expect(applied["target"] == .integer(20_000) && applied["warnPercent"] == .integer(75))
    }

    @Test("A decision carries what it depended on")
    func decision() throws {
        guard let made = EventSamples.all.first(where: { if case .offerMade = $0 { true } else { false } }) else {
            Issue.record("offerMade is sampled")
            return
        }
        let value = try json(made)
        #expect(value["decision"]?["candidates"]?[0]?["score"] == .integer(-5))
        #expect(value["decision"]?["requirement"]?["skills"]?[0]?["level"] == .integer(3))
        #expect(value["decision"]?["ruledOut"]?["noSlot"] == .integer(2))
        #expect(value["decision"]?["strategy"]?.text == "longestIdle")
    }

    @Test("A credential's event never shows the digest of its secret")
    func credential() throws {
        let value = try json(.credentialCreated(EventSamples.credential, EventSamples.credentialSpec))
        #expect(
            value.keys.sorted()
                == ["credential", "customer", "expiresAt", "label", "position", "role", "tenant", "time", "type"]
                .sorted())
    }

    @Test("The words of closed sets are the names of their cases")
    func words() {
        func check<Word: APIWord & Equatable>(_: Word.Type) {
            #expect(Set(Word.words).count == Word.allCases.count)
            for word in Word.allCases {
                #expect(word.text == "\(word)")
                #expect(Word(word: word.text) == word)
            }
            #expect(Word(word: "nonsense") == nil)
        }
        check(Channel.self)
        check(Tier.self)
        check(EndReason.self)
        check(OfferOutcome.self)
        check(QueueReason.self)
        check(LegKind.self)
        check(SLAMetric.self)
        check(Strategy.self)
        check(Role.self)
        check(ActorKind.self)
        check(RoutingDecision.Trigger.self)
        check(Agent.Assignment.State.self)
        check(Deadline.Kind.self)
    }

    @Test("Whoever did something is named in one word, and read back")
    func parties() {
        for party in [
            Party.system, .bot, .customer(CustomerID(raw: 9)), .agent(AgentID(raw: 9)), .staff(CredentialID(raw: 9)),
        ] {
            #expect(Party(text: party.text) == party)
        }
        #expect(Party(text: "que_0000000000009") == nil)
        for kind in ActorKind.allCases {
            let actor = ActorID(kind: kind, raw: 9)
            #expect(ActorID(text: actor.text) == actor)
        }
    }
}
