import Testing

@testable import TandemCore

@Suite("Messages of a conversation")
struct ConversationMessageTests {
    @Test("Messages are numbered from one without gaps, and reach the agents who handle the conversation")
    func numbers() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        #expect(try story.say("one", by: story.customer) == 1)
        try story.answer(by: bo)
        #expect(try story.say("two", by: .agent(bo)) == 2)
        let events = try story.run(.postMessage(MessageDraft(author: story.customer, text: "three")))
        guard case .messagePosted(let posted) = events.first else {
            Issue.record("no message in \(events)")
            return
        }
        #expect(posted.sequence == 3)
        #expect(posted.agents == [bo])
        #expect(posted.contact == story.contact)
        #expect(story.thread.messageCount == 3)
        #expect(story.thread.customerMessageAt == story.centre.now)
        #expect(story.thread.agentMessageAt == story.centre.now)
    }

    @Test("The same message delivered twice gives one message, also after the conversation is closed")
    func twice() throws {
        let story = try Story()
        #expect(try story.say("hello", by: story.customer, clientID: "m-1") == 1)
        #expect(try story.say("world", by: story.customer, clientID: "m-2") == 2)
        let again = MessageDraft(author: story.customer, clientID: "m-1", text: "hello")
        #expect(try story.run(.postMessage(again)).isEmpty)
        #expect(story.centre.answer?.sequence == 1)
        #expect(story.thread.messageCount == 2)
        try story.contact(.abandon)
        #expect(try story.run(.postMessage(again)).isEmpty)
        #expect(story.centre.answer?.sequence == 1)
    }

    @Test("Two senders may use the same id")
    func sameIDTwoSenders() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        #expect(try story.say("a", by: story.customer, clientID: "1") == 1)
        #expect(try story.say("b", by: .agent(bo), clientID: "1") == 2)
    }

    @Test("The newest ids are remembered, within a bound")
    func seenBounded() throws {
        let story = try Story()
        for number in 1...Limits.externalIDsMax {
            _ = try story.say("m", by: story.customer, clientID: "id-\(number)")
        }
        #expect(story.thread.seen.count == Limits.externalIDsMax)
        #expect(try story.say("m", by: story.customer, clientID: "id-1") == 1)
        #expect(try story.say("m", by: story.customer, clientID: "next") == UInt64(Limits.externalIDsMax + 1))
        #expect(story.thread.seen.count <= Limits.externalIDsMax)
        #expect(try story.say("m", by: story.customer, clientID: "id-100") == 100)
        #expect(try story.say("m", by: story.customer, clientID: "id-1") == UInt64(Limits.externalIDsMax + 2))
    }

    @Test("However marks came together, equal lists of them are equal, and the newest under a mark counts")
    func seenPieces() {
        func mark(_ number: Int) -> SeenMessages.Mark {
            SeenMessages.Mark(high: UInt64(number), low: ~UInt64(number), sequence: UInt64(number) + 1)
        }
        var seen: SeenMessages = []
        for number in 0..<500 {
            seen.append(mark(number), max: 200)
            #expect(seen.count <= 200 && seen.count > min(number, 150))
            #expect(seen == SeenMessages(seen.marks))
            #expect(seen.marks.last == mark(number) && Set(seen.marks).count == seen.count)
        }
        #expect(seen.sequence(high: 499, low: ~499) == 500)
        #expect(seen.sequence(high: 400, low: ~400) == 401)
        #expect(seen.sequence(high: 1, low: ~1) == nil)
        seen.keep(newest: 70)
        #expect(seen == SeenMessages((430..<500).map(mark)))
        seen.append(SeenMessages.Mark(high: 431, low: ~431, sequence: 9), max: 200)
        #expect(seen.sequence(high: 431, low: ~431) == 9)
    }

    @Test("After a lively talk all ids are remembered until both sides are silent for a while, then only the newest")
    func seenUntilQuiet() throws {
        let story = try Story()
        let said = Limits.externalIDsKept * 3
        for number in 1...said { _ = try story.say("m", by: story.customer, clientID: "id-\(number)") }
        story.centre.skip(Milliseconds(Limits.externalIDsQuiet.count - 1))
        #expect(try story.say("m", by: story.customer, clientID: "late") == UInt64(said + 1))
        #expect(try story.say("m", by: story.customer, clientID: "id-1") == 1, "one that came again in time")

        story.centre.skip(Limits.externalIDsQuiet)
        #expect(try story.say("m", by: story.customer, clientID: "id-1") == 1, "nothing was said since")
        #expect(try story.say("m", by: story.customer, clientID: "next") == UInt64(said + 2))
        #expect(story.thread.seen.count == Limits.externalIDsKept + 1)
        #expect(try story.say("m", by: story.customer, clientID: "late") == UInt64(said + 1))
        #expect(try story.say("m", by: story.customer, clientID: "id-\(said)") == UInt64(said))
        #expect(try story.say("m", by: story.customer, clientID: "id-1") == UInt64(said + 3))
    }

    @Test("A message has a sender who may write here, and bounds")
    func bounds() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        func code(_ author: Party, _ text: String = "x", clientID: String? = nil) -> Refusal? {
            story.refusal(.postMessage(MessageDraft(author: author, clientID: clientID, text: text)))
        }
        let longest = String(repeating: "ä", count: Limits.messageBytesMax / 2)
        #expect(code(story.customer, "") == Refusal(.invalid, field: "text"))
        #expect(code(story.customer, longest + "x") == Refusal(.limitExceeded, field: "text"))
        #expect(code(story.customer, clientID: "") == Refusal(.invalid, field: "clientID"))
        let long = String(repeating: "i", count: Limits.externalIDBytesMax + 1)
        #expect(code(story.customer, clientID: long) == Refusal(.limitExceeded, field: "clientID"))
        #expect(code(.customer(CustomerID(raw: 9))) == Refusal(.notAllowed, field: "author"))
        #expect(code(.agent(bo))?.code == .agentNotHandling)
        #expect(code(.bot)?.code == .contactHasNoBot)
        #expect(try story.say(longest, by: story.customer) == 1)
        #expect(try story.say("notice", by: .system) == 2)
        #expect(try story.say("notice", by: story.centre.staff) == 3)
        try story.contact(.abandon)
        #expect(code(story.customer)?.code == .conversationClosed)
        #expect(code(story.centre.staff)?.code == .conversationClosed)
    }

    @Test("Receipts only move forward, and say nothing when nothing moves")
    func receipts() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        try story.answer(by: bo)
        for number in 1...5 { _ = try story.say("\(number)", by: .agent(bo)) }
        #expect(try story.run(.markDelivered(upTo: 3, by: story.customer)).count == 1)
        #expect(try story.run(.markDelivered(upTo: 2, by: story.customer)).isEmpty)
        #expect(story.thread.customerDelivered == 3)
        #expect(try story.run(.markRead(upTo: 4, by: story.customer)).count == 1)
        #expect(story.thread.customerRead == 4)
        #expect(story.thread.customerDelivered == 4)
        #expect(try story.run(.markDelivered(upTo: 4, by: story.customer)).isEmpty)
        #expect(try story.run(.markRead(upTo: 5, by: .agent(bo))).count == 1)
        #expect(try story.run(.markRead(upTo: 5, by: .agent(bo))).isEmpty)
        #expect(try story.run(.markDelivered(upTo: 5, by: .agent(bo))).isEmpty)
        #expect(story.thread.agentRead == 5)
    }

    @Test("A receipt comes from who takes part, for a message that is there")
    func receiptsRefused() throws {
        let story = try Story()
        let bo = try story.centre.addAgent("Bo")
        #expect(story.refusal(.markRead(upTo: 1, by: story.customer)) == Refusal(.invalid, field: "upTo"))
        #expect(story.refusal(.markRead(upTo: 0, by: .agent(bo)))?.code == .agentNotHandling)
        #expect(story.refusal(.markRead(upTo: 0, by: .customer(CustomerID(raw: 2))))?.code == .notAllowed)
        #expect(story.refusal(.markDelivered(upTo: 0, by: .system))?.code == .notAllowed)
    }

    @Test("Fingerprints of similar ids differ in every lane")
    func fingerprints() {
        var lows = Set<UInt64>()
        var highs = Set<UInt64>()
        var count = 0
        for number in 0..<20_000 {
            for author in [Party.customer(CustomerID(raw: 1)), .customer(CustomerID(raw: 2)), .agent(AgentID(raw: 1))] {
                let print = MessageFingerprint(of: "\(number)", by: author)
                lows.insert(print.low)
                highs.insert(print.high)
                count += 1
            }
        }
        for length in 0...40 {
            let print = MessageFingerprint(of: String(repeating: "\0", count: length), by: .bot)
            lows.insert(print.low)
            highs.insert(print.high)
            count += 1
        }
        #expect(lows.count == count)
        #expect(highs.count == count)
    }

    @Test("A fingerprint is the same on every node and in every version: it is journaled state")
    func fingerprintIsStable() {
        let print = MessageFingerprint(of: "0123456789abc", by: .customer(CustomerID(raw: 42)))
        #expect((print.high, print.low) == (14_022_819_536_036_751_817, 2_971_456_249_767_026_614))
    }
}
