/// What someone wants. A nil address creates: the partition mints the identifier.
package enum Command: Hashable, Sendable {
    case tenant(TenantID?, TenantCommand)
    case queue(QueueID?, QueueCommand)
    case agent(AgentID?, AgentCommand)
    case customer(CustomerID?, CustomerCommand)
    case conversation(ConversationID?, ConversationCommand)
    case credential(CredentialID?, CredentialCommand)
    case quarantine(QuarantineCommand)
    case delivery(DeliveryID, DeliveryCommand)
}

/// `expecting`: the version that the writer has seen; another one is refused with `versionConflict`.
package enum TenantCommand: Hashable, Sendable {
    case create(TenantSettings)
    case change(TenantSettings, expecting: UInt32?)
    /// An existing name is answered with its skill.
    case defineSkill(name: String)
    case putCalendar(CalendarID?, CalendarSpec, expecting: UInt32?)
    case putRoutingPolicy(RoutingPolicyID?, RoutingPolicySpec, expecting: UInt32?)
    case putSLAPolicy(SLAPolicyID?, SLAPolicySpec, expecting: UInt32?)
    case putWebhook(WebhookID?, WebhookSpec, expecting: UInt32?)
}

package enum QueueCommand: Hashable, Sendable {
    case create(TenantID, QueueSettings)
    case change(QueueSettings, expecting: UInt32?)
}

package enum AgentCommand: Hashable, Sendable {
    case create(TenantID, AgentProfile)
    case change(AgentProfile, expecting: UInt32?)
    /// Logging out is refused while contacts are held, unless staff force it: then they go back to their queues.
    case setPresence(PresenceWish, by: Party)
    case connectSession(SessionID)
    /// The connection broke: pending offers are void, contacts keep their agent for the grace time.
    case loseSession(SessionID)
    /// The agent left in order: with the last session he is logged out, or keeps his contacts for the grace time.
    case closeSession(SessionID)
}

package enum PresenceWish: Hashable, Sendable {
    case available
    case onBreak(BreakCode)
    case loggedOut
}

/// A live connection: a node, a number for that node's life and disk, and one of its own there.
package struct SessionID: Hashable, Comparable, Sendable {
    package let node: UInt32
    package let incarnation: UInt64
    package let number: UInt64
    package init(node: UInt32, incarnation: UInt64, number: UInt64) {
        self.node = node
        self.incarnation = incarnation
        self.number = number
    }
    package static func < (left: Self, right: Self) -> Bool {
        (left.node, left.incarnation, left.number) < (right.node, right.incarnation, right.number)
    }
}

package enum CustomerCommand: Hashable, Sendable {
    case create(TenantID, CustomerProfile)
    case change(CustomerProfile, expecting: UInt32?)
}

package enum CredentialCommand: Hashable, Sendable {
    case create(CredentialSpec)
    case revoke
}

package enum QuarantineCommand: Hashable, Sendable {
    /// Journals that an input failed twice; the runtime is its only sender.
    case add(QuarantinedInput)
    /// An operator has dealt with it.
    case resolve(QuarantineID, by: Party)
}

package enum DeliveryCommand: Hashable, Sendable {
    /// What came of an attempt, numbered from 1; the runtime is its only sender.
    case report(WebhookID, attempt: UInt16, DeliveryResult)
}

/// An input that is never run again by itself.
package struct QuarantinedInput: Hashable, Sendable {
    /// The input's own number in the trap file, or the digest of its bytes.
    package var input: UInt64
    /// What it was, as operators read it: the command's or the timer's name, without anything people said.
    package var summary: String
    package var actor: ActorID
    package var contact: ContactID?
    package var reason: String
    package init(input: UInt64, summary: String, actor: ActorID, contact: ContactID?, reason: String) {
        self.input = input
        self.summary = summary
        self.actor = actor
        self.contact = contact
        self.reason = reason
    }
}

package enum ConversationCommand: Hashable, Sendable {
    /// Opens the conversation, with its first contact.
    case open(TenantID, CustomerID, ContactRequest)
    /// Starts another contact in an open conversation that has none open, or in a closed one, which reopens.
    case startContact(ContactRequest)
    case postMessage(MessageDraft)
    case markDelivered(upTo: UInt64, by: Party)
    case markRead(upTo: UInt64, by: Party)
    /// Ends every open contact and the conversation.
    case close(by: Party)
    case contact(ContactID, ContactCommand)
    /// From the runtime, after a queue's promises changed: the clocks that are open take what is promised now.
    case followPolicies
    /// Supervisor: what one queue promises now holds for the past, too.
    case applyPolicy(PolicyApplication)
}

/// A queue's present policy, for the clocks of one conversation, whatever became of them.
///
/// What a conversation's record still holds is looked up there; a leg that has ended has left it, so its clocks come
/// with the command, folded from the journal (`ClockHistory`).
package struct PolicyApplication: Hashable, Sendable {
    package var queue: QueueID
    /// At most `Limits.clocksPerApplicationMax`.
    package var past: [PastClock]
    package var by: Party
    package init(queue: QueueID, past: [PastClock], by: Party) {
        self.queue = queue
        self.past = past
        self.by = by
    }
}

/// A clock of a leg that has ended, as it stood then.
package struct PastClock: Hashable, Sendable {
    package var leg: Leg
    package var channel: Channel
    package var clock: SLAClock
    package init(leg: Leg, channel: Channel, clock: SLAClock) {
        self.leg = leg
        self.channel = channel
        self.clock = clock
    }
}

package struct ContactRequest: Hashable, Sendable {
    package var channel: Channel
    package var queue: QueueID
    package var subject: String
    /// Sorted, without repeats.
    package var tags: [String]
    /// Sorted by skill, one minimum level each.
    package var skills: [SkillLevel]
    /// 1 (first) to 9 (last).
    package var priority: UInt8
    package var boost: Int32
    package var preferredAgent: AgentID?
    /// Begin with the bot; the contact is queued when it hands over.
    package var bot: Bool
    /// The customer's first message, posted in the same turn.
    package var message: MessageDraft?

    package init(
        channel: Channel, queue: QueueID, subject: String = "", tags: [String] = [], skills: [SkillLevel] = [],
        priority: UInt8 = 5, boost: Int32 = 0, preferredAgent: AgentID? = nil, bot: Bool = false,
        message: MessageDraft? = nil
    ) {
        self.channel = channel
        self.queue = queue
        self.subject = subject
        self.tags = tags
        self.skills = skills
        self.priority = priority
        self.boost = boost
        self.preferredAgent = preferredAgent
        self.bot = bot
        self.message = message
    }
}

package struct MessageDraft: Hashable, Sendable {
    package var author: Party
    /// The sender's own id: the same one again gives the same message, not a second.
    package var clientID: String?
    package var text: String
    package init(author: Party, clientID: String? = nil, text: String) {
        self.author = author
        self.clientID = clientID
        self.text = text
    }
}

package enum TransferTarget: Hashable, Sendable {
    case queue(QueueID)
    case agent(AgentID)
}

package enum ContactCommand: Hashable, Sendable {
    /// The bot gives the contact to people; its age counts from now.
    case handOver(reason: String, by: Party)
    /// The customer leaves.
    case abandon
    case acceptOffer(OfferID, by: AgentID)
    case rejectOffer(OfferID, by: AgentID)
    case hold(by: AgentID)
    case resume(by: AgentID)
    /// Cold: this leg ends (through wrap-up), the next one waits.
    case transfer(TransferTarget, by: Party)
    /// Warm: the customer is held while the agent speaks with the target.
    case startConsult(TransferTarget, by: AgentID)
    /// Warm: the consulted agent takes over.
    case completeTransfer(by: AgentID)
    /// Warm: the consultation is taken back; the customer is resumed.
    case endConsult(by: AgentID)
    /// The talk is over: wrap-up begins where the queue has one.
    case end(by: Party)
    case finishWrapUp(disposition: String?, by: Party)
    /// Supervisor: back to the queue at its age.
    case requeue(by: Party)
    /// Supervisor: offered to this agent whatever his skills; capacity still holds.
    case assign(AgentID, by: Party)
    /// Supervisor: ended from any state.
    case forceClose(by: Party)
    case setPriority(UInt8, by: Party)
    /// From the agent's actor: its grace time is over, or staff logged it out.
    case agentLost(AgentID)
    /// From the agent's actor: its connection broke, or it went on a break or out, while an offer was pending.
    case offerVoid(AgentID)
}

/// What the asker is told once the entry is committed.
package struct Answer: Hashable, Sendable {
    /// The actor that answered: for creations the one that was made.
    package var actor: ActorID
    package var contact: ContactID?
    /// A policy, calendar or skill that was put, or a quarantined input: its raw identifier.
    package var part: UInt64?
    /// The message's number in its conversation.
    package var sequence: UInt64?
    /// The settings' version after the change.
    package var version: UInt32?
    package init(
        actor: ActorID, contact: ContactID? = nil, part: UInt64? = nil, sequence: UInt64? = nil,
        version: UInt32? = nil
    ) {
        self.actor = actor
        self.contact = contact
        self.part = part
        self.sequence = sequence
        self.version = version
    }
}
