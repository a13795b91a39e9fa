/// A message as a node's transcript has it.
struct TranscriptMessage: Equatable, Sendable {
    let sequence: Int64
    let author: String
    let text: String
    /// When it was said, in milliseconds since 1970, by the contact centre's time.
    var time: Int64?
}

/// An agent as a node describes him.
struct AgentFigure: Equatable, Sendable {
    let agent: String
    /// How many contacts he may hold.
    let slots: Int
    /// The contacts he is offered, holds or wraps up.
    let contacts: [String]
}

/// What one node answered when everything had healed.
struct NodeState: Equatable, Sendable {
    let node: Int
    /// By conversation.
    var transcripts: [String: [TranscriptMessage]] = [:]
    /// The tenant of each conversation.
    var tenants: [String: String] = [:]
    var agents: [AgentFigure] = []
}

/// What a node's state of a partition comes to, after so many entries.
struct DigestLine: Equatable, Sendable {
    let node: Int
    let partition: Int
    let applied: Int64
    /// 16 hexadecimal digits.
    let digest: String
}
