package import TandemCore

// How Core's plain values are written in JSON: identifiers and moments as text, lengths of time as whole milliseconds.

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "an identifier that begins with \(Kind.prefix)_ was expected")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = TimestampText.parse(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a moment as RFC 3339 has it was expected")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(TimestampText.text(self))
    }
}

extension Milliseconds: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Int64.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(count)
    }
}

/// `system`, `bot`, or the identifier of who it was; its prefix tells the kind.
extension Party: Codable {
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

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let party = Self(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "someone was expected")
        }
        self = party
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A list of channels, in the order of `Channel.allCases`.
extension ChannelSet: Codable {
    package init(_ channels: [Channel]) {
        self = channels.reduce(into: []) { $0.formUnion(ChannelSet($1)) }
    }

    package var channels: [Channel] { Channel.allCases.filter(contains) }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([Channel].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(channels)
    }
}

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
