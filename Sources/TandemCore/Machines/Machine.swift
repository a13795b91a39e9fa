/// What a turn's decisions may look at beside the machine's own state: other records, as they stand at this step.
///
/// Reading only. A record that was not loaded before the turn reads as nil.
package protocol TurnView {
    func tenant(_ id: TenantID) -> Tenant?
    func queue(_ id: QueueID) -> Queue?
    func agent(_ id: AgentID) -> Agent?
    func customer(_ id: CustomerID) -> Customer?
    func conversation(_ id: ConversationID) -> Conversation?
    /// Waiting contacts of a queue and the place of one among them, from the routing indexes.
    func standing(of contact: ContactID?, in queue: QueueID) -> QueueStanding
    /// How many deliveries to a webhook are neither done nor given up.
    func deliveriesOpen(to webhook: WebhookID) -> Int
}

/// A queue's figures at one instant, for policy conditions and for customers who ask where they are.
package struct QueueStanding: Hashable, Sendable {
    package var waiting: Int
    /// 1 is next; nil when the contact does not wait here.
    package var position: Int?
    package var agentsLoggedIn: Int
    /// Present, and with less than a whole contact's share of them in use.
    package var agentsAvailable: Int
    /// Those logged in, each divided by the number of queues he serves, in thousandths.
    package var capacity: Int
    /// Enqueue time of the contact that has waited longest.
    package var oldestSince: Timestamp?
    package init(
        waiting: Int = 0, position: Int? = nil, agentsLoggedIn: Int = 0, agentsAvailable: Int = 0,
        capacity: Int = 0, oldestSince: Timestamp? = nil
    ) {
        self.waiting = waiting
        self.position = position
        self.agentsLoggedIn = agentsLoggedIn
        self.agentsAvailable = agentsAvailable
        self.capacity = capacity
        self.oldestSince = oldestSince
    }
}

/// Time, identity and the other records, handed to each decision of a turn.
package struct TurnContext {
    package let now: Timestamp
    package var minter: IDMinter
    package let view: any TurnView

    package init(now: Timestamp, minter: IDMinter, view: any TurnView) {
        self.now = now
        self.minter = minter
        self.view = view
    }

    package mutating func mint<Kind>() -> Identifier<Kind> { minter.next(at: now) }
}

/// What a machine decided: facts to apply at once, and commands for other actors of the same turn, first in, first out.
///
/// An ask is never refused: what has been overtaken answers with nothing; a refusal breaks the turn.
package struct Decision: Sendable {
    package var events: [Event]
    package var asks: [Command]
    /// What the asker is told; nil where the actor itself says it all.
    package var answer: Answer?
    package init(_ events: [Event] = [], asks: [Command] = [], answer: Answer? = nil) {
        self.events = events
        self.asks = asks
        self.answer = answer
    }
}

/// A point in time at which an actor wants a turn.
package struct Deadline: Hashable, Sendable {
    /// Raw values are shown to operators: append, never renumber.
    package enum Kind: UInt8, CaseIterable, Sendable {
        case offerTimeout = 0, stepExpiry, declineExpiry, wrapUpEnd, slaWarning, slaBreach, grace, deliveryRetry
    }
    package let kind: Kind
    package let at: Timestamp
    /// The contact it belongs to, where it belongs to one.
    package let contact: ContactID?
    package init(_ kind: Kind, at: Timestamp, contact: ContactID? = nil) {
        self.kind = kind
        self.at = at
        self.contact = contact
    }
}

/// A pure machine: `decide` looks, `apply` changes, nothing else does.
///
/// A machine begins absent; the first event that creates it makes it present, and until then every command but the
/// creating one is refused with `notFound`.
package protocol Machine: Sendable, Equatable {
    associatedtype Instruction: Sendable
    associatedtype Name: Hashable & Sendable

    init(absent id: Name)
    /// Not yet created, or created by a turn that was undone.
    var isAbsent: Bool { get }
    /// Nothing is open here and no deadline runs: the record may leave memory until it is needed again.
    var isDormant: Bool { get }
    /// The earliest of `deadlines`, found without making the list.
    var nextDeadline: Timestamp? { get }
    var deadlines: [Deadline] { get }

    func decide(_ instruction: Instruction, _ turn: inout TurnContext) throws(DecideError) -> Decision
    /// Everything that is due at `turn.now`; empty when a timer came late. Events come back oldest deadline first.
    func wake(_ turn: inout TurnContext) throws(DecideError) -> Decision
    /// Total: it neither refuses nor traps on any decodable event. Events that do not concern it change nothing.
    mutating func apply(_ event: Event, at now: Timestamp)
}
