/// What one frame of a live session told its client; only what is judged is kept.
struct Seen: Equatable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case message, ack, offerMade, offerAccepted, offerEnded, contactQueued, contactClosed, clockBreached
        /// Any other frame with a position.
        case other
    }

    let kind: Kind
    /// How often the session had been resumed.
    let connection: Int
    let position: Int64
    var conversation: String?
    /// The number of a message.
    var sequence: Int64?
    var text: String?
    var contact: String?
    var agent: String?
    /// When it happened, in milliseconds since 1970, by the contact centre's time.
    var time: Int64?
    /// When the client was told, in nanoseconds of the machine's monotonic clock.
    var told: UInt64 = 0

    init(
        _ kind: Kind, connection: Int = 0, position: Int64, conversation: String? = nil, sequence: Int64? = nil,
        text: String? = nil, contact: String? = nil, agent: String? = nil
    ) {
        self.kind = kind
        self.connection = connection
        self.position = position
        self.conversation = conversation
        self.sequence = sequence
        self.text = text
        self.contact = contact
        self.agent = agent
    }
}

/// All that one live session was told, over its connections, in its order.
struct Stream: Equatable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// A customer follows one conversation from its beginning.
        case conversation
        /// An agent follows his work.
        case agent
        /// A supervisor follows all that happens in a tenant, from its beginning to the end of the run.
        case tenant
    }

    let process: String
    let kind: Kind
    /// The conversation, the agent or the tenant.
    let subject: String
    var seen: [Seen] = []
    /// What the client itself found wrong with a frame.
    var complaints: [String] = []
}
