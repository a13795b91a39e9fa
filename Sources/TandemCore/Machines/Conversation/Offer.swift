/// A contact presented to one agent, awaiting an answer: `pending`, until one outcome ends it.
package struct Offer: Hashable, Sendable {
    package let id: OfferID
    package let agent: AgentID
    package let madeAt: Timestamp
    package let expiresAt: Timestamp
    package init(id: OfferID, agent: AgentID, madeAt: Timestamp, expiresAt: Timestamp) {
        self.id = id
        self.agent = agent
        self.madeAt = madeAt
        self.expiresAt = expiresAt
    }
}
