import Testing

@testable import TandemCore

/// Every command in every state of a contact, by who may give it: what it answers is one line each.
@Suite("The table of a contact")
struct ContactTableTests {
    enum Place: String, CaseIterable {
        case created, bot, queued, offered, connected, held, consulting, wrapping, closed
    }

    enum Name: String, CaseIterable {
        case handOver, abandon, acceptOffer, rejectOffer, hold, resume, transfer, startConsult, completeTransfer
        case endConsult, end, finishWrapUp, requeue, assign, forceClose, setPriority, agentLost, offerVoid
    }

    /// A contact brought to a place; Bo has it where an agent has it, Cy is free.
    private struct Scene {
        let story: Story
        let bo: AgentID
        let cy: AgentID
        var offer = OfferID(raw: 1)

        init(_ place: Place) throws {
            story = try Story(in: place == .wrapping ? \.complaints : \.support, bot: place == .bot)
            bo = try story.centre.addAgent("Bo")
            cy = try story.centre.addAgent("Cy")
            switch place {
            case .created:
                // No turn ends here: the record is taken back to what it was inside the first one.
                let thread = story.thread
                var fresh = Conversation(absent: story.id)
                for (at, event) in story.centre.journal {
                    if case .contactQueued = event { break }
                    fresh.apply(event, at: at)
                }
                #expect(fresh.contacts.map(\.id) == thread.contacts.map(\.id))
                story.centre.conversations[story.id] = fresh
            case .bot, .queued: break
            case .offered: offer = try story.centre.offer(story.id, story.contact, to: bo)
            case .connected: try story.answer(by: bo)
            case .held:
                try story.answer(by: bo)
                try story.contact(.hold(by: bo))
            case .consulting:
                try story.answer(by: bo)
                try story.contact(.startConsult(.queue(story.centre.sales), by: bo))
                try story.answer(by: cy, contact: try #require(story.centre.answer?.contact))
            case .wrapping:
                try story.answer(by: bo)
                try story.contact(.end(by: .agent(bo)))
            case .closed: try story.contact(.abandon)
            }
        }

        func command(_ name: Name) -> ContactCommand {
            let staff = story.centre.staff
            return switch name {
            case .handOver: .handOver(reason: "asked", by: .bot)
            case .abandon: .abandon
            case .acceptOffer: .acceptOffer(offer, by: bo)
            case .rejectOffer: .rejectOffer(offer, by: bo)
            case .hold: .hold(by: bo)
            case .resume: .resume(by: bo)
            case .transfer: .transfer(.queue(story.centre.sales), by: .agent(bo))
            case .startConsult: .startConsult(.queue(story.centre.sales), by: bo)
            case .completeTransfer: .completeTransfer(by: bo)
            case .endConsult: .endConsult(by: bo)
            case .end: .end(by: staff)
            case .finishWrapUp: .finishWrapUp(disposition: "done", by: .agent(bo))
            case .requeue: .requeue(by: staff)
            case .assign: .assign(cy, by: staff)
            case .forceClose: .forceClose(by: staff)
            case .setPriority: .setPriority(1, by: staff)
            case .agentLost: .agentLost(bo)
            case .offerVoid: .offerVoid(bo)
            }
        }
    }

    /// The refusal's code, or the names of the events with those of the clocks left out.
    private func outcome(_ name: Name, in place: Place) throws -> String {
        let scene = try Scene(place)
        do {
            let events = try scene.story.contact(scene.command(name))
            let names = events.map { Mirror(reflecting: $0).children.first?.label ?? "\($0)" }
            let shown = names.filter { !$0.hasPrefix("clock") }
            return shown.isEmpty ? "-" : shown.joined(separator: " ")
        } catch DecideError.refused(let refusal) {
            return "! \(refusal.code)"
        }
    }

    @Test("Every command is answered in every state, and so", arguments: Name.allCases)
    func table(_ name: Name) throws {
        var rows: [String] = []
        for place in Place.allCases { rows.append("\(place): \(try outcome(name, in: place))") }
        #expect(rows.joined(separator: "\n") == Self.table[name])
    }

    private static let table: [Name: String] = [
        .handOver: """
        created: ! contactHasNoBot
        bot: contactQueued
        queued: ! contactHasNoBot
        offered: ! contactHasNoBot
        connected: ! contactHasNoBot
        held: ! contactHasNoBot
        consulting: ! contactHasNoBot
        wrapping: ! contactHasNoBot
        closed: ! contactClosed
        """,
        .abandon: """
        created: contactClosed conversationClosed
        bot: contactClosed conversationClosed
        queued: contactClosed conversationClosed
        offered: offerEnded contactClosed conversationClosed
        connected: contactClosed conversationClosed
        held: contactClosed conversationClosed
        consulting: consultEnded contactClosed contactClosed conversationClosed
        wrapping: -
        closed: ! contactClosed
        """,
        .acceptOffer: """
        created: ! offerNotFound
        bot: ! offerNotFound
        queued: ! offerNotFound
        offered: offerAccepted
        connected: ! offerAlreadyAnswered
        held: ! offerAlreadyAnswered
        consulting: ! offerAlreadyAnswered
        wrapping: ! offerAlreadyAnswered
        closed: ! contactClosed
        """,
        .rejectOffer: """
        created: ! offerNotFound
        bot: ! offerNotFound
        queued: ! offerNotFound
        offered: offerEnded contactQueued
        connected: ! offerAlreadyAnswered
        held: ! offerAlreadyAnswered
        consulting: ! offerAlreadyAnswered
        wrapping: ! offerAlreadyAnswered
        closed: ! contactClosed
        """,
        .hold: """
        created: ! contactNotConnected
        bot: ! contactNotConnected
        queued: ! contactNotConnected
        offered: ! contactNotConnected
        connected: contactHeld
        held: ! contactNotConnected
        consulting: ! contactNotConnected
        wrapping: ! contactNotConnected
        closed: ! contactClosed
        """,
        .resume: """
        created: ! contactNotHeld
        bot: ! contactNotHeld
        queued: ! contactNotHeld
        offered: ! contactNotHeld
        connected: ! contactNotHeld
        held: contactResumed
        consulting: ! consultAlreadyOpen
        wrapping: ! contactNotHeld
        closed: ! contactClosed
        """,
        .transfer: """
        created: ! contactNotConnected
        bot: ! contactNotConnected
        queued: ! contactNotConnected
        offered: ! contactNotConnected
        connected: contactCreated contactClosed contactQueued
        held: contactCreated contactClosed contactQueued
        consulting: consultEnded contactClosed contactCreated contactClosed contactQueued
        wrapping: ! contactNotConnected
        closed: ! contactClosed
        """,
        .startConsult: """
        created: ! contactNotConnected
        bot: ! contactNotConnected
        queued: ! contactNotConnected
        offered: ! contactNotConnected
        connected: contactHeld contactCreated consultStarted contactQueued
        held: contactCreated consultStarted contactQueued
        consulting: ! consultAlreadyOpen
        wrapping: ! contactNotConnected
        closed: ! contactClosed
        """,
        .completeTransfer: """
        created: ! contactNotConnected
        bot: ! contactNotConnected
        queued: ! contactNotConnected
        offered: ! contactNotConnected
        connected: ! consultNotFound
        held: ! consultNotFound
        consulting: contactClosed
        wrapping: ! contactNotConnected
        closed: ! contactClosed
        """,
        .endConsult: """
        created: ! contactNotConnected
        bot: ! contactNotConnected
        queued: ! contactNotConnected
        offered: ! contactNotConnected
        connected: ! consultNotFound
        held: ! consultNotFound
        consulting: consultEnded contactClosed contactResumed
        wrapping: ! contactNotConnected
        closed: ! contactClosed
        """,
        .end: """
        created: ! contactNotConnected
        bot: contactClosed conversationClosed
        queued: ! contactNotConnected
        offered: ! contactNotConnected
        connected: contactClosed conversationClosed
        held: contactClosed conversationClosed
        consulting: consultEnded contactClosed contactClosed conversationClosed
        wrapping: ! contactNotConnected
        closed: ! contactClosed
        """,
        .finishWrapUp: """
        created: ! contactNotWrapping
        bot: ! contactNotWrapping
        queued: ! contactNotWrapping
        offered: ! contactNotWrapping
        connected: ! contactNotWrapping
        held: ! contactNotWrapping
        consulting: ! contactNotWrapping
        wrapping: contactClosed conversationClosed
        closed: ! contactClosed
        """,
        .requeue: """
        created: contactQueued
        bot: contactQueued
        queued: -
        offered: offerEnded contactQueued
        connected: contactQueued
        held: contactQueued
        consulting: consultEnded contactClosed contactQueued
        wrapping: ! contactNotConnected
        closed: ! contactClosed
        """,
        .assign: """
        created: contactQueued offerMade
        bot: contactQueued offerMade
        queued: offerMade
        offered: offerEnded contactQueued offerMade
        connected: contactQueued offerMade
        held: contactQueued offerMade
        consulting: consultEnded contactClosed contactQueued offerMade
        wrapping: ! contactNotConnected
        closed: ! contactClosed
        """,
        .forceClose: """
        created: contactClosed conversationClosed
        bot: contactClosed conversationClosed
        queued: contactClosed conversationClosed
        offered: offerEnded contactClosed conversationClosed
        connected: contactClosed conversationClosed
        held: contactClosed conversationClosed
        consulting: consultEnded contactClosed contactClosed conversationClosed
        wrapping: contactClosed conversationClosed
        closed: ! contactClosed
        """,
        .setPriority: """
        created: contactPriorityChanged
        bot: contactPriorityChanged
        queued: contactPriorityChanged
        offered: contactPriorityChanged
        connected: ! contactNotWaiting
        held: ! contactNotWaiting
        consulting: ! contactNotWaiting
        wrapping: ! contactNotWaiting
        closed: ! contactClosed
        """,
        .agentLost: """
        created: -
        bot: -
        queued: -
        offered: offerEnded contactQueued
        connected: contactQueued
        held: contactQueued
        consulting: consultEnded contactClosed contactQueued
        wrapping: contactClosed conversationClosed
        closed: -
        """,
        .offerVoid: """
        created: -
        bot: -
        queued: -
        offered: offerEnded contactQueued
        connected: -
        held: -
        consulting: -
        wrapping: -
        closed: -
        """,
    ]
}
