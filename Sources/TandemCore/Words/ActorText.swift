// How actors and people are written, for clients, operators and rows: the prefix of an identifier tells its kind.

extension ActorID {
    /// The identifier's written form; of the quarantine, `quarantine_` and its partition.
    package var text: String {
        switch kind {
        case .tenant: TenantID(raw: raw).description
        case .queue: QueueID(raw: raw).description
        case .agent: AgentID(raw: raw).description
        case .customer: CustomerID(raw: raw).description
        case .conversation: ConversationID(raw: raw).description
        case .credential: CredentialID(raw: raw).description
        case .quarantine: "quarantine_\(raw)"
        case .delivery: DeliveryID(raw: raw).description
        }
    }

    package init?(text: String) {
        if let id = TenantID(text) {
            self.init(id)
        } else if let id = QueueID(text) {
            self.init(id)
        } else if let id = AgentID(text) {
            self.init(id)
        } else if let id = CustomerID(text) {
            self.init(id)
        } else if let id = ConversationID(text) {
            self.init(id)
        } else if let id = CredentialID(text) {
            self.init(id)
        } else if let id = DeliveryID(text) {
            self.init(id)
        } else if text.hasPrefix("quarantine_"), let partition = UInt16(text.dropFirst("quarantine_".count)) {
            self = .quarantine(of: partition)
        } else {
            return nil
        }
    }
}

/// `system`, `bot`, or the identifier of who it was.
extension Party {
    package var text: String {
        switch self {
        case .system: "system"
        case .bot: "bot"
        case .customer(let id): id.description
        case .agent(let id): id.description
        case .staff(let id): id.description
        }
    }

    package init?(text: String) {
        if text == "system" {
            self = .system
        } else if text == "bot" {
            self = .bot
        } else if let id = CustomerID(text) {
            self = .customer(id)
        } else if let id = AgentID(text) {
            self = .agent(id)
        } else if let id = CredentialID(text) {
            self = .staff(id)
        } else {
            return nil
        }
    }
}
