/// Counting: what a majority has reached, and whether a vote is decided.
package enum Majority {
    /// How an election stands.
    package enum Verdict: Sendable, Equatable {
        case open
        case won
        case lost
    }

    /// How many of `count` voters are a majority.
    package static func of(_ count: Int) -> Int { count / 2 + 1 }

    /// The highest value that a majority of the voters has reached; 0 when there is no voter. While joint, what
    /// majorities of both sets have reached.
    package static func reached(in membership: Membership, _ value: (NodeID) -> UInt64) -> UInt64 {
        let new = reached(membership.voters, value)
        return membership.isJoint ? min(new, reached(membership.outgoing, value)) : new
    }

    /// How an election stands, given who has answered and how; nil for no answer yet.
    package static func verdict(in membership: Membership, _ answer: (NodeID) -> Bool?) -> Verdict {
        let new = verdict(membership.voters, answer)
        guard membership.isJoint else { return new }
        let old = verdict(membership.outgoing, answer)
        if new == .lost || old == .lost { return .lost }
        return new == .won && old == .won ? .won : .open
    }

    private static func reached(_ voters: [NodeID], _ value: (NodeID) -> UInt64) -> UInt64 {
        let values = voters.map(value).sorted(by: >)
        return values.isEmpty ? 0 : values[of(values.count) - 1]
    }

    private static func verdict(_ voters: [NodeID], _ answer: (NodeID) -> Bool?) -> Verdict {
        var granted = 0
        var refused = 0
        for voter in voters {
            switch answer(voter) {
            case .some(true): granted += 1
            case .some(false): refused += 1
            case .none: break
            }
        }
        if granted >= of(voters.count) { return .won }
        return voters.count - refused < of(voters.count) ? .lost : .open
    }
}
