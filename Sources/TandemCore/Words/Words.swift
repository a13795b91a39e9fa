// The field's closed sets of words. Raw values are journaled: append, never renumber.

package enum Channel: UInt8, CaseIterable, Sendable {
    case voice = 0, chat, messaging, email, social, task, callback
}

package enum Tier: UInt8, CaseIterable, Sendable {
    case normal = 0, important, core, vip
}

/// Why an agent is on a break; `noAnswer` is set by the system after three offers in a row went unanswered.
package struct BreakCode: Hashable, Sendable {
    package let text: String
    package init(_ text: String) { self.text = text }
    package static let noAnswer = BreakCode("noAnswer")
}

package enum Presence: Hashable, Sendable {
    case loggedOut
    case available
    case onBreak(BreakCode)
    case notResponding
    /// Connection lost; at `until` its contacts go back to the head of their queues.
    case offline(until: Timestamp)
}

/// How a contact ended.
package enum EndReason: UInt8, CaseIterable, Sendable {
    case completed = 0
    case abandoned
    /// Left within the queue's short-abandon threshold (5 s) of entering it.
    case shortAbandoned
    case callbackQueued
    case flowedOut
    case expired
    case transferred
    /// Ended by a supervisor's hand.
    case forced
    /// A consultation that was taken back.
    case consultEnded
}

package enum OfferOutcome: UInt8, CaseIterable, Sendable {
    case accepted = 0, rejected, timedOut, rescinded, cancelled, void
}

/// Why a contact entered a queue, or came back to it.
package enum QueueReason: UInt8, CaseIterable, Sendable {
    case arrival = 0, handOver, rejected, timedOut, agentLost, transfer, requeued, overflow, rescinded, stepped
    /// A colleague asks, no customer waits: it comes in no service level.
    case consult

    /// The queue has it for the first time: its figures count it as offered.
    package var entersQueue: Bool {
        switch self {
        case .arrival, .handOver, .transfer, .overflow: true
        case .rejected, .timedOut, .agentLost, .requeued, .rescinded, .stepped, .consult: false
        }
    }
}

/// How one leg came from the one before.
package enum LegKind: UInt8, CaseIterable, Sendable {
    case original = 0, coldTransfer, consult, overflow, callback
}

package enum SLAMetric: UInt8, CaseIterable, Sendable {
    case answer = 0, firstReply, nextReply, resolution
}

package enum Strategy: UInt8, CaseIterable, Sendable {
    case longestIdle = 0, leastOccupied, mostSkilled, leastContacts, roundRobin
}

package enum Role: UInt8, CaseIterable, Sendable {
    case administrator = 0, `operator`, supervisor, agent, customer
}

/// Who did something, as journaled.
package enum Party: Hashable, Sendable {
    case system
    case bot
    case customer(CustomerID)
    case agent(AgentID)
    /// An administrator, operator or supervisor, by credential.
    case staff(CredentialID)
}

package struct SkillLevel: Hashable, Comparable, Sendable {
    package let skill: SkillID
    /// 1 (a little) to 10 (the best).
    package let level: UInt8
    package init(_ skill: SkillID, _ level: UInt8) {
        self.skill = skill
        self.level = level
    }
    package static func < (left: Self, right: Self) -> Bool {
        left.skill != right.skill ? left.skill < right.skill : left.level < right.level
    }
}

package enum ActorKind: UInt8, CaseIterable, Sendable {
    case tenant = 0, queue, agent, customer, conversation, credential, quarantine, delivery
}

/// An actor of a partition, whatever its kind.
package struct ActorID: Hashable, Comparable, Sendable {
    package let kind: ActorKind
    package let raw: UInt64
    package init(kind: ActorKind, raw: UInt64) {
        self.kind = kind
        self.raw = raw
    }
    package init(_ id: TenantID) { self.init(kind: .tenant, raw: id.raw) }
    package init(_ id: QueueID) { self.init(kind: .queue, raw: id.raw) }
    package init(_ id: AgentID) { self.init(kind: .agent, raw: id.raw) }
    package init(_ id: CustomerID) { self.init(kind: .customer, raw: id.raw) }
    package init(_ id: ConversationID) { self.init(kind: .conversation, raw: id.raw) }
    package init(_ id: CredentialID) { self.init(kind: .credential, raw: id.raw) }
    package init(_ id: DeliveryID) { self.init(kind: .delivery, raw: id.raw) }
    /// The partition's list of quarantined inputs.
    package static func quarantine(of partition: UInt16) -> ActorID {
        ActorID(kind: .quarantine, raw: UInt64(partition))
    }
    package var partition: UInt16 {
        kind == .quarantine ? UInt16(truncatingIfNeeded: raw) : Identifier<TenantKind>(raw: raw).partition
    }
    package static func < (left: Self, right: Self) -> Bool {
        left.kind != right.kind ? left.kind.rawValue < right.kind.rawValue : left.raw < right.raw
    }
}
