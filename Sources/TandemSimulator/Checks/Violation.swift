/// A property that did not hold.
package struct Violation: Error, Sendable, Equatable {
    package enum Property: String, CaseIterable, Sendable {
        case electionSafety = "one leader per term"
        case oneVote = "one vote per term"
        case appendOnly = "a leader only appends"
        case logMatching = "logs that share a point share what is before it"
        case leaderCompleteness = "a leader holds all that was committed before its term"
        case stateMachineSafety = "the same entry at the same index everywhere"
        case durability = "what is committed is durable on a majority"
        case linearizability = "nobody sees the past, and acknowledged writes stay in order"
        case equalDigests = "equal states at equal index"
        case atMostOnce = "no entry is applied twice"
        case domainPromises = "contacts, agents and SLA clocks are as promised"
        case journaledTime = "the contact centre's time goes on as it should"
        case effects = "what is due outside is done once it is committed, in order, until the journal says it is over"
        case progress = "a healthy majority makes progress"
        case invariant = "the machine's own invariants hold"
    }

    package let property: Property
    package let detail: String
    /// Virtual microseconds since the beginning.
    package let time: Int
}
