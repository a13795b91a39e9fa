import TandemConsensus
import TandemCore
import TandemReadModel
import TandemWire
import Testing

@testable import TandemRuntime

/// A lane by itself: what it asks of whom, and what it tells.
@Suite("A lane of commands")
struct CommandLaneTests {
    private final class Stage {
        let (one, two) = (NodeID(2), NodeID(3))
        var now: UInt64 = 1_000_000_000
        var lane: CommandLane
        /// Texts in the order in which they were asked, each with the node; what is new since the last look.
        private(set) var asked: [(node: NodeID, commands: ForwardedCommands)] = []
        private(set) var told: [String: [Outcome]] = [:]
        private var texts: [UInt64: String] = [:]

        init(disk: UInt32 = 0, _ change: (inout ForwardingLimits) -> Void = { _ in }) {
            var limits = ForwardingLimits()
            change(&limits)
            lane = CommandLane(id: NodeID(1, incarnation: disk), life: 7, limits: limits)
        }

        func submit(_ texts: String..., bytes: Int = 100, key: CommandKey? = nil) {
            for text in texts {
                let command = Command.tenant(nil, .create(TenantSettings(name: text)))
                lane.submit(command, key: key, bytes: bytes, fingerprint: 1, at: now) { _ in }
            }
            work()
        }

        func work() {
            for effect in lane.takeEffects() {
                switch effect {
                case .ask(let node, let commands):
                    asked.append((node, commands))
                    for item in commands.items { texts[item.place] = Self.text(item.command) }
                case .tell(let waiting, let outcome): told[Self.text(waiting.command), default: []].append(outcome)
                }
            }
        }

        static func text(_ command: Command) -> String {
            if case .tenant(nil, .create(let settings)) = command { settings.name } else { "" }
        }

        /// What was asked since the last call.
        func takeAsked() -> [String] {
            defer { asked = [] }
            return asked.flatMap { asked in asked.commands.items.map { "\(Self.text($0.command))>\(asked.node)" } }
        }

        func leads(_ node: NodeID?) {
            lane.leaderChanged(to: node, at: now)
            work()
        }

        func lost(_ node: NodeID, ended: Bool = false) {
            lane.lost(node, ended: ended, at: now)
            work()
        }

        func cutOff(_ isSo: Bool) {
            lane.cutOff(isSo)
            work()
        }

        func found(_ node: NodeID) {
            lane.found(node, at: now)
            work()
        }

        /// Something comes from a node for commands by their text, in a stream.
        func hear(
            _ verdict: ForwardedOutcomes.Verdict, of texts: String..., in stream: UInt64, from node: NodeID,
            life: UInt64 = 7
        ) {
            let items = texts.compactMap { text in
                self.texts.first { $0.value == text }.map { ForwardedOutcomes.Item(place: $0.key, verdict: verdict) }
            }
            lane.received(
                ForwardedOutcomes(stream: StreamName(life: life, number: stream), items: items), from: node, at: now)
            work()
        }

        func pass(milliseconds: UInt64) {
            now += milliseconds * 1_000_000
            lane.tick(at: now)
            work()
        }

        func isTold(_ text: String) -> String {
            (told[text] ?? []).map { outcome in
                switch outcome {
                case .answered: "answered"
                case .repeated: "repeated"
                case .refused(let refusal): "refused \(refusal.code)"
                case .busy: "busy"
                case .unavailable(let reason): "unavailable \(reason)"
                case .unknown: "unknown"
                }
            }.joined(separator: " ")
        }
    }

    private static let done = ForwardedOutcomes.Verdict.answered(
        Answer(actor: ActorID(kind: .tenant, raw: 1)), position: 1_024)
    private static let away = ForwardedOutcomes.Verdict.unavailable(.notLeading, leader: nil)

    @Test("One is asked first; when it is answered, the rest follows in order, and later ones at once")
    func order() {
        let stage = Stage()
        stage.submit("a", "b", "c")
        #expect(stage.takeAsked().isEmpty, "nobody leads")
        stage.leads(stage.one)
        #expect(stage.takeAsked() == ["a>n2"])
        stage.hear(Self.done, of: "a", in: 1, from: stage.one)
        #expect(stage.isTold("a") == "answered")
        #expect(stage.asked.map(\.commands.previous) == [1])
        #expect(stage.takeAsked() == ["b>n2", "c>n2"])
        stage.submit("d")
        #expect(stage.asked.map(\.commands.previous) == [3])
        #expect(stage.takeAsked() == ["d>n2"])
    }

    @Test("Who does not lead is asked again after a pause, with the oldest")
    func turnedAway() {
        let stage = Stage()
        stage.leads(stage.one)
        stage.submit("a", "b")
        stage.hear(Self.away, of: "a", in: 1, from: stage.one)
        #expect(stage.takeAsked() == ["a>n2"])
        stage.pass(milliseconds: 9)
        #expect(stage.takeAsked().isEmpty)
        stage.pass(milliseconds: 1)
        #expect(stage.asked.map(\.commands.stream) == [StreamName(life: 7, number: 2)])
        #expect(stage.asked.first?.commands.items.first?.mayBeDone == false, "the first was not done")
        #expect(stage.takeAsked() == ["a>n2"])
    }

    @Test("A hint is followed at once, one that leads back after a pause")
    func hints() {
        let stage = Stage()
        stage.leads(stage.one)
        stage.submit("a")
        _ = stage.takeAsked()
        stage.hear(.unavailable(.notLeading, leader: stage.two.value), of: "a", in: 1, from: stage.one)
        #expect(stage.takeAsked() == ["a>n3"])
        stage.hear(.unavailable(.notLeading, leader: stage.one.value), of: "a", in: 2, from: stage.two)
        #expect(stage.takeAsked().isEmpty)
        stage.pass(milliseconds: 10)
        #expect(stage.takeAsked() == ["a>n2"])
    }

    @Test("What was not done holds up all behind it until what was asked is accounted for")
    func closing() {
        let stage = Stage()
        stage.leads(stage.one)
        stage.submit("a")
        stage.hear(Self.done, of: "a", in: 1, from: stage.one)
        stage.submit("b", "c", "d")
        _ = stage.takeAsked()
        stage.hear(.unknown, of: "b", in: 1, from: stage.one)
        stage.submit("e")
        stage.hear(Self.done, of: "d", in: 1, from: stage.one)
        #expect(stage.takeAsked().isEmpty && stage.isTold("d") == "answered")
        stage.hear(.outOfOrder, of: "c", in: 1, from: stage.one)
        stage.pass(milliseconds: 10)
        #expect(stage.asked.first?.commands.items.first?.mayBeDone == true)
        #expect(stage.takeAsked() == ["b>n2"])
        stage.hear(
            .repeated(Answer(actor: ActorID(kind: .tenant, raw: 1)), position: 0), of: "b", in: 2, from: stage.one)
        #expect(stage.isTold("b") == "answered", "it was asked once")
        #expect(stage.takeAsked() == ["c>n2", "e>n2"])
    }

    @Test("When another leads, what is under way is asked of him at once; the old one's refusals come too late")
    func moved() {
        let stage = Stage()
        stage.leads(stage.one)
        stage.submit("a")
        stage.hear(Self.done, of: "a", in: 1, from: stage.one)
        stage.submit("b", "c")
        _ = stage.takeAsked()
        stage.leads(nil)
        #expect(stage.takeAsked().isEmpty)
        stage.leads(stage.two)
        #expect(stage.takeAsked() == ["b>n3"])
        stage.hear(.refused(Refusal(.notFound)), of: "b", in: 1, from: stage.one)
        stage.hear(.refused(Refusal(.notFound)), of: "b", in: 2, from: stage.one)
        stage.hear(Self.done, of: "b", in: 2, from: stage.two, life: 6)
        #expect(stage.isTold("b") == "", "it may have been done since; and another life's answers are another's")
        stage.hear(Self.done, of: "c", in: 1, from: stage.one)
        #expect(stage.isTold("c") == "answered", "done is done")
        stage.hear(Self.done, of: "b", in: 2, from: stage.two)
        #expect(stage.takeAsked().isEmpty && stage.isTold("b") == "answered")
    }

    @Test("What became of an earlier disk's commands is not told of the next one's, which counts its starts anew")
    func replaced() throws {
        let (before, stage) = (Stage(), Stage(disk: 1))
        for stage in [before, stage] {
            stage.leads(stage.one)
            stage.submit("a")
        }
        func life(_ stage: Stage) throws -> UInt64 { try #require(stage.asked.first?.commands.stream.life) }
        #expect(try life(before) < life(stage), "who is asked takes it for a later stream")
        stage.hear(Self.done, of: "a", in: 1, from: stage.one, life: try life(before))
        #expect(stage.isTold("a") == "", "that one was another's")
        stage.hear(Self.done, of: "a", in: 1, from: stage.one, life: try life(stage))
        #expect(stage.isTold("a") == "answered")
    }

    @Test("A lost leader is asked again when it is found, or when it is heard to lead")
    func lost() {
        for isFound in [true, false] {
            let stage = Stage()
            stage.leads(stage.one)
            stage.submit("a")
            _ = stage.takeAsked()
            stage.lost(stage.one)
            stage.pass(milliseconds: 500)
            #expect(stage.takeAsked().isEmpty)
            if isFound { stage.found(stage.one) } else { stage.leads(stage.one) }
            #expect(stage.asked.first?.commands.items.first?.mayBeDone == true)
            #expect(stage.takeAsked() == ["a>n2"])
        }
    }

    @Test("Who stays silent is asked again, after twice as long each time")
    func silence() {
        let stage = Stage { $0.patience = 1_000_000_000 }
        stage.leads(stage.one)
        stage.submit("a")
        _ = stage.takeAsked()
        stage.pass(milliseconds: 999)
        #expect(stage.takeAsked().isEmpty)
        stage.pass(milliseconds: 1)
        #expect(stage.takeAsked() == ["a>n2"])
        stage.pass(milliseconds: 1_999)
        #expect(stage.takeAsked().isEmpty)
        stage.pass(milliseconds: 1)
        #expect(stage.takeAsked() == ["a>n2"])
    }

    @Test("At its bound a command is given up: not done if no try may have been, else unknown")
    func bounds() {
        let stage = Stage()
        stage.submit("never asked")
        stage.pass(milliseconds: 9_000)
        stage.leads(stage.one)
        stage.hear(.unavailable(.diskFull, leader: nil), of: "never asked", in: 1, from: stage.one)
        stage.submit("under way", "behind it")
        stage.pass(milliseconds: 999)
        #expect(stage.isTold("never asked") == "")
        stage.pass(milliseconds: 1)
        #expect(stage.isTold("never asked") == "unavailable diskFull", "the last reason is told")
        _ = stage.takeAsked()
        stage.pass(milliseconds: 9_000)
        #expect(stage.isTold("under way") == "unknown" && stage.isTold("behind it") == "unavailable diskFull")
        #expect(stage.lane.underWay == 0)
    }

    @Test("A command that was once unknown is not called undone because a leader has no room")
    func busy() {
        let stage = Stage()
        stage.leads(stage.one)
        stage.submit("a")
        stage.hear(.busy, of: "a", in: 1, from: stage.one)
        #expect(stage.isTold("a") == "busy", "nothing was done, and its asker decides")
        stage.submit("b")
        stage.leads(stage.two)
        stage.hear(.busy, of: "b", in: 2, from: stage.two)
        #expect(stage.isTold("b") == "")
        _ = stage.takeAsked()
        stage.pass(milliseconds: 10)
        #expect(stage.takeAsked() == ["b>n3"])
    }

    @Test("Over the number, or the bytes, that may wait it is busy; what left makes room")
    func full() {
        let stage = Stage { limits in
            limits.waitingMax = 3
            limits.waitingBytesMax = 1_000
        }
        stage.submit("a", "b", "c", "d")
        #expect(stage.isTold("d") == "busy" && stage.isTold("c") == "")
        stage.leads(stage.one)
        stage.hear(Self.done, of: "a", in: 1, from: stage.one)
        stage.submit("e", bytes: 801)
        #expect(stage.isTold("e") == "busy")
        stage.submit("f", bytes: 800)
        #expect(stage.isTold("f") == "")
        stage.submit("g", bytes: ForwardingCodec.commandBytesMax + 1)
        #expect(stage.isTold("g") == "refused limitExceeded")
    }

    @Test("No more is under way than may be, in commands and in bytes")
    func window() {
        let stage = Stage { limits in
            limits.underWayMax = 2
            limits.underWayBytesMax = 1_000
        }
        stage.leads(stage.one)
        stage.submit("a")
        stage.hear(Self.done, of: "a", in: 1, from: stage.one)
        _ = stage.takeAsked()
        stage.submit("b", "c", "d")
        #expect(stage.takeAsked() == ["b>n2", "c>n2"])
        stage.hear(Self.done, of: "c", in: 1, from: stage.one)
        #expect(stage.takeAsked() == ["d>n2"])
        stage.hear(Self.done, of: "b", "d", in: 1, from: stage.one)
        stage.submit("e", "f", bytes: 1_000)
        #expect(stage.takeAsked() == ["e>n2"])
        stage.hear(Self.done, of: "e", in: 1, from: stage.one)
        #expect(stage.takeAsked() == ["f>n2"])
    }

    @Test("A message between nodes holds so many bytes and no more, but for one large command")
    func messages() {
        let stage = Stage()
        stage.leads(stage.one)
        stage.submit("a")
        stage.submit("b", "c", "d", bytes: 40 << 10)
        _ = stage.takeAsked()
        stage.hear(Self.done, of: "a", in: 1, from: stage.one)
        #expect(stage.asked.map(\.commands.items.count) == [2, 1])
        #expect(stage.asked.map(\.commands.previous) == [1, 3])
    }

    @Test("Only who was alone when a node ended is suspected of it, and asked with the count")
    func failures() {
        let stage = Stage()
        stage.leads(stage.one)
        stage.submit("a")
        stage.hear(Self.done, of: "a", in: 1, from: stage.one)
        stage.submit("b", "c")
        stage.lost(stage.one, ended: true)
        _ = stage.takeAsked()
        stage.leads(stage.two)
        #expect(stage.asked.flatMap { $0.commands.items.map(\.failures) } == [0])
        stage.lost(stage.two, ended: true)
        _ = stage.takeAsked()
        stage.leads(stage.one)
        #expect(stage.asked.flatMap { $0.commands.items.map(\.failures) } == [2])
        stage.lost(stage.one)
        _ = stage.takeAsked()
        stage.found(stage.one)
        #expect(stage.asked.flatMap { $0.commands.items.map(\.failures) } == [2], "it only fell silent")
        stage.hear(.refused(Refusal(.quarantined)), of: "b", in: 4, from: stage.one)
        #expect(stage.asked.last?.commands.items.map(\.failures) == [0], "c was never alone")
    }

    @Test("Each command without a key gets one of this node's own, others keep theirs")
    func keys() {
        let stage = Stage()
        let client = CommandKey(high: 1, low: 2, body: 3)
        stage.leads(stage.one)
        stage.submit("a")
        stage.hear(Self.done, of: "a", in: 1, from: stage.one)
        stage.submit("b")
        stage.submit("c", key: client)
        let keys = stage.asked.flatMap { $0.commands.items.map(\.key) }
        #expect(keys.map { NodeKey($0)?.number } == [1, 2, nil])
        #expect(keys.first?.body == 1 && keys.last == client)
        stage.hear(
            .repeated(Answer(actor: ActorID(kind: .tenant, raw: 1)), position: 0), of: "c", in: 1, from: stage.one)
        #expect(stage.isTold("c") == "repeated")
    }

    @Test("A node that is cut off tells all that wait what is known, turns away who comes, and goes on when it is not")
    func cutOff() {
        let stage = Stage()
        stage.leads(stage.one)
        stage.submit("asked", "waiting")
        #expect(stage.takeAsked() == ["asked>\(stage.one)"])
        stage.lost(stage.one)
        stage.leads(nil)
        stage.cutOff(true)
        stage.submit("late")
        func isCutOff(_ outcomes: [Outcome]?) -> Bool {
            guard let outcomes, outcomes.count == 1, case .unavailable(.cutOff) = outcomes[0] else { return false }
            return true
        }
        guard let asked = stage.told["asked"], asked.count == 1, case .unknown = asked[0] else {
            Issue.record("it may have been done: \(stage.told)")
            return
        }
        #expect(isCutOff(stage.told["waiting"]) && isCutOff(stage.told["late"]))
        stage.cutOff(false)
        stage.submit("next")
        #expect(stage.told["next"] == nil && stage.takeAsked().isEmpty, "it waits for a leader, as ever")
        stage.leads(stage.two)
        #expect(stage.takeAsked() == ["next>\(stage.two)"])
    }
}
