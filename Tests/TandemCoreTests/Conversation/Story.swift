import Testing

@testable import TandemCore

/// One conversation in a centre, with its first contact: what most stories are about.
struct Story {
    let centre: Centre
    let id: ConversationID
    let contact: ContactID

    init(
        _ channel: Channel = .chat, in queue: KeyPath<Centre, QueueID> = \.support, bot: Bool = false,
        centre: Centre = Centre()
    ) throws {
        self.centre = centre
        id = try centre.open(ContactRequest(channel: channel, queue: centre[keyPath: queue], bot: bot))
        contact = try #require(centre.answer?.contact)
    }

    var thread: Conversation { centre.conversations[id] ?? Conversation(absent: id) }
    var customer: Party { .customer(centre.customer) }
    /// The first contact; nil once it has ended.
    var leg: Contact? { leg(contact) }
    func leg(_ id: ContactID) -> Contact? { thread.contacts.first { $0.id == id } }

    var waiting: Waiting? { waiting(contact) }
    func waiting(_ id: ContactID) -> Waiting? {
        guard case .queued(let waiting) = leg(id)?.state else { return nil }
        return waiting
    }

    @discardableResult
    func run(_ command: ConversationCommand) throws -> [Event] { try centre.run(id, command) }

    @discardableResult
    func contact(_ command: ContactCommand, on contact: ContactID? = nil) throws -> [Event] {
        try centre.run(id, .contact(contact ?? self.contact, command))
    }

    /// An agent who has been offered the contact and has accepted.
    @discardableResult
    func answer(by agent: AgentID, contact: ContactID? = nil) throws -> [Event] {
        let offer = try centre.offer(id, contact ?? self.contact, to: agent)
        return try self.contact(.acceptOffer(offer, by: agent), on: contact)
    }

    @discardableResult
    func say(_ text: String, by author: Party, clientID: String? = nil) throws -> UInt64? {
        try run(.postMessage(MessageDraft(author: author, clientID: clientID, text: text)))
        return centre.answer?.sequence
    }

    /// What the command is refused with; the centre is as it was.
    func refusal(_ command: ContactCommand, on contact: ContactID? = nil) -> Refusal? {
        refusal(.contact(contact ?? self.contact, command))
    }

    func refusal(_ command: ConversationCommand) -> Refusal? {
        let before = centre.journal.count
        do {
            try run(command)
            return nil
        } catch DecideError.refused(let refusal) {
            #expect(centre.journal.count == before)
            return refusal
        } catch {
            Issue.record(error)
            return nil
        }
    }

    /// The leg that came out of this one.
    func next(of contact: ContactID) -> ContactID? {
        for (_, event) in centre.journal {
            if case .contactClosed(let closed) = event, closed.leg.contact == contact { return closed.next }
        }
        return leg(contact)?.next
    }

    func ending(of contact: ContactID? = nil) -> ContactClosed? {
        for (_, event) in centre.journal {
            guard case .contactClosed(let closed) = event, closed.leg.contact == contact ?? self.contact else {
                continue
            }
            return closed
        }
        return nil
    }

    /// Why consultations about the first contact ended, as its agent was told.
    var consultEnds: [EndReason] {
        centre.journal.compactMap { _, event in
            guard case .consultEnded(_, contact, _, let reason) = event else { return nil }
            return reason
        }
    }
}

extension Centre {
    /// A staff member.
    var staff: Party { .staff(CredentialID(raw: 77)) }
}
