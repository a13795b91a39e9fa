import Testing

@testable import TandemDrill

/// A small run in which everything held, to be doctored by tests.
struct Story {
    var evidence = Evidence()

    /// Three messages of Dora's: said one after the other, acknowledged, and the same on three nodes.
    init() {
        for number in 1...3 { evidence.operations.append(Self.said("m\(number)", number, in: "cnv_1")) }
        let transcript = (1...3).map { TranscriptMessage(sequence: Int64($0), author: "cus_1", text: "m\($0)") }
        let agents = [AgentFigure(agent: "agt_1", slots: 1, contacts: ["con_1"])]
        for node in 1...3 {
            evidence.states.append(
                NodeState(
                    node: node, transcripts: ["cnv_1": transcript], tenants: ["cnv_1": "ten_1"], agents: agents))
            evidence.digests.append(DigestLine(node: node, partition: 0, applied: 9, digest: "00000000000000aa"))
        }
        var customer = Stream(process: "talker-0", kind: .conversation, subject: "cnv_1")
        customer.seen = [
            Seen(.message, position: 1, sequence: 1, text: "m1"), Seen(.ack, position: 2, sequence: 2),
            Seen(.message, position: 4, sequence: 3, text: "m3"),
        ]
        var supervisor = Stream(process: "observer-0", kind: .tenant, subject: "ten_1")
        supervisor.seen = (1...3).map {
            Seen(.message, position: Int64($0), conversation: "cnv_1", sequence: Int64($0), text: "m\($0)")
        }
        supervisor.seen += [
            Seen(.offerMade, position: 4, contact: "con_1", agent: "agt_1"),
            Seen(.offerAccepted, position: 5, contact: "con_1", agent: "agt_1"),
        ]
        evidence.streams = [customer, supervisor]
    }

    /// The message of this number, asked for at 100 times it and acknowledged 50 later.
    static func said(_ text: String, _ number: Int, in conversation: String) -> Operation {
        Operation(
            process: "talker-0", kind: .post, key: text, partition: 0, tenant: "ten_1", conversation: conversation,
            text: text, invoked: UInt64(number * 100), returned: UInt64(number * 100 + 50), outcome: .ok,
            sequence: Int64(number), node: 1, tries: 1)
    }

    var rules: [Violation.Rule] { Checker.violations(in: evidence).map(\.rule) }

    /// On every node.
    mutating func rewrite(_ change: (inout [TranscriptMessage]) -> Void) {
        for place in evidence.states.indices { change(&evidence.states[place].transcripts["cnv_1", default: []]) }
    }

    mutating func forgetStreams() { evidence.streams = [] }
}

@Suite("The drill's checker")
struct CheckerTests {
    @Test("A run in which everything held has no violations")
    func good() { #expect(Checker.violations(in: Story().evidence) == []) }

    @Test("An acknowledged message that is missing on one node is lost")
    func lost() {
        var story = Story()
        story.evidence.states[2].transcripts["cnv_1"]?.removeLast()
        #expect(story.rules == [.nothingLost, .nodesAgree])
    }

    @Test("An acknowledged message at another number than was told is lost there")
    func moved() {
        var story = Story()
        story.evidence.operations[1].sequence = 3
        #expect(story.rules == [.nothingLost, .nothingLost, .nothingLost])
    }

    @Test(
        "A message that stands twice is doubled, also when nobody knows whether it was done", arguments: [true, false])
    func doubled(isKnown: Bool) {
        var story = Story()
        story.forgetStreams()
        if !isKnown { story.evidence.operations[2].outcome = .unknown }
        story.rewrite { $0.append(TranscriptMessage(sequence: 4, author: "cus_1", text: "m3")) }
        #expect(story.rules == [.nothingDoubled, .nothingDoubled, .nothingDoubled])
    }

    @Test("An unknown message may be there or not")
    func unknown() {
        var story = Story()
        story.evidence.operations[2].outcome = .unknown
        #expect(story.rules == [])
        story.forgetStreams()
        story.rewrite { $0.removeLast() }
        #expect(story.rules == [])
    }

    @Test("A refused message that is there was not refused")
    func ghost() {
        var story = Story()
        story.evidence.operations[2].outcome = .refused
        #expect(story.rules == [.refusedMeansAbsent, .refusedMeansAbsent, .refusedMeansAbsent])
    }

    @Test("A text that nobody said and a number that is left out are invented")
    func invented() {
        var story = Story()
        story.forgetStreams()
        story.rewrite { $0.append(TranscriptMessage(sequence: 4, author: "cus_1", text: "m4")) }
        #expect(Set(story.rules) == [.nothingInvented])
        story = Story()
        story.forgetStreams()
        story.evidence.operations.append(Story.said("m5", 5, in: "cnv_1"))
        story.rewrite { $0.append(TranscriptMessage(sequence: 5, author: "cus_1", text: "m5")) }
        #expect(story.rules == [.nothingInvented, .nothingInvented, .nothingInvented])
    }

    @Test("A message that was sent after another one's acknowledgement stands behind it")
    func order() {
        var story = Story()
        story.forgetStreams()
        story.rewrite { messages in
            messages[0] = TranscriptMessage(sequence: 1, author: "cus_1", text: "m2")
            messages[1] = TranscriptMessage(sequence: 2, author: "cus_1", text: "m1")
        }
        story.evidence.operations[0].sequence = 2
        story.evidence.operations[1].sequence = 1
        #expect(story.rules == [.orderKept])
        // Under way together, they may stand either way.
        story.evidence.operations[0].returned = 500
        #expect(story.rules == [])
    }

    @Test("A refusal has a cause: not now, or somebody was faster")
    func refused() {
        var story = Story()
        var operation = Story.said("m9", 9, in: "cnv_1")
        operation.outcome = .refused
        for (code, isContended, holds) in [
            ("busy", false, true), ("cutOff", false, true), ("notFound", true, false),
            ("conversationClosed", false, false), ("conversationClosed", true, true),
        ] {
            operation.code = code
            operation.isContended = isContended
            story.evidence.operations[2...] = [Story.said("m3", 3, in: "cnv_1"), operation]
            #expect(story.rules == (holds ? [] : [.nothingRefusedWithoutCause]), "\(code)")
        }
    }

    @Test("A session's positions rise")
    func positions() {
        var story = Story()
        story.evidence.streams[0].seen[2] = Seen(.message, position: 1, sequence: 3, text: "m3")
        #expect(story.rules == [.streamsWhole])
    }

    @Test("A customer is shown every message once, and as it is")
    func conversation() {
        var story = Story()
        story.evidence.streams[0].seen.remove(at: 1)
        #expect(story.rules == [.streamsWhole], "2 was never shown")
        story = Story()
        story.evidence.streams[0].seen.append(Seen(.message, position: 9, sequence: 3, text: "m3"))
        #expect(story.rules == [.streamsWhole], "3 was shown twice")
        story = Story()
        story.evidence.streams[0].seen[2].text = "m2"
        #expect(story.rules == [.streamsWhole], "3 was shown as another")
        story = Story()
        story.evidence.streams[0].complaints = ["closed with 4400"]
        #expect(story.rules == [.streamsWhole])
    }

    @Test("A supervisor is told every message of the tenant once")
    func tenant() {
        var story = Story()
        story.evidence.streams[1].seen.remove(at: 2)
        #expect(story.rules == [.streamsWhole], "3 was never told")
        story = Story()
        story.evidence.streams[1].seen.append(
            Seen(.message, position: 9, conversation: "cnv_1", sequence: 3, text: "m3"))
        #expect(story.rules == [.streamsWhole], "3 was told twice")
    }

    @Test("A contact is one agent's, and an agent has as many as he may")
    func assignments() {
        var story = Story()
        story.evidence.streams[1].seen.append(Seen(.offerMade, position: 6, contact: "con_1", agent: "agt_2"))
        #expect(story.rules == [.assignmentsSound], "it is another's already")
        story = Story()
        story.evidence.streams[1].seen.append(Seen(.offerMade, position: 6, contact: "con_2", agent: "agt_1"))
        #expect(story.rules == [.assignmentsSound], "he has one slot")
        story.evidence.streams[1].seen.insert(Seen(.contactClosed, position: 6, contact: "con_1"), at: 5)
        story.evidence.streams[1].seen[6] = Seen(.offerMade, position: 7, contact: "con_2", agent: "agt_1")
        #expect(story.rules == [], "the slot was free again")
        story = Story()
        story.evidence.streams[1].seen[4] = Seen(.offerAccepted, position: 5, contact: "con_1", agent: "agt_2")
        #expect(story.rules == [.assignmentsSound], "it was not offered to him")
    }

    @Test("In the end, too, a contact is one agent's")
    func finalAssignments() {
        var story = Story()
        for place in story.evidence.states.indices {
            story.evidence.states[place].agents.append(AgentFigure(agent: "agt_2", slots: 1, contacts: ["con_1"]))
        }
        #expect(story.rules == [.assignmentsSound, .assignmentsSound, .assignmentsSound])
        for place in story.evidence.states.indices {
            story.evidence.states[place].agents = [
                AgentFigure(agent: "agt_1", slots: 1, contacts: ["con_1", "con_2"])
            ]
        }
        #expect(story.rules == [.assignmentsSound, .assignmentsSound, .assignmentsSound])
    }

    @Test("Digests are equal where as much was applied")
    func digests() {
        var story = Story()
        story.evidence.digests[1] = DigestLine(node: 2, partition: 0, applied: 9, digest: "00000000000000bb")
        #expect(story.rules == [.digestsEqual])
        story.evidence.digests[1] = DigestLine(node: 2, partition: 0, applied: 8, digest: "00000000000000bb")
        #expect(story.rules == [])
        story.evidence.digests[1] = DigestLine(node: 2, partition: 1, applied: 9, digest: "00000000000000bb")
        #expect(story.rules == [])
    }

    @Test("Nodes answer alike")
    func agreement() {
        var story = Story()
        story.evidence.states[1].agents = [AgentFigure(agent: "agt_1", slots: 1, contacts: [])]
        #expect(story.rules == [.nodesAgree])
    }

    @Test("What the run itself met is a violation")
    func troubles() {
        var story = Story()
        story.evidence.troubles = ["node 2 ended by itself"]
        #expect(story.rules == [.nodesWell])
    }

    @Test("Of many violations of one rule a few are told, and how many there are")
    func told() {
        let many = (1...9).map { Violation(.nothingLost, "\($0)") } + [Violation(.orderKept, "once")]
        let told = Checker.told(many)
        #expect(told.count == Checker.toldMax + 2)
        #expect(told[Checker.toldMax] == "nothingLost: and 4 more")
        #expect(told.last == "orderKept: once")
    }
}
