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

extension Party: Codable {
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
