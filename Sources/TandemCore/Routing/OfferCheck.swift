extension OfferMade {
    /// The other side of the boundary: what the routing indexes chose is compared with the agent's record.
    ///
    /// - Throws: when he cannot be given this contact. The indexes, not the record, are then wrong: they are derived.
    package func check(in view: some TurnView) throws(InvariantBroken) {
        guard let agent = view.agent(agent) else { throw InvariantBroken("the routing index has an agent who is gone") }
        guard agent.admits(channel) else {
            throw InvariantBroken("an agent in the routing index has no room for what he is given")
        }
    }
}
