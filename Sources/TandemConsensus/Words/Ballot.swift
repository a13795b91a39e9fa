/// What a node must never forget beside its log: the latest term it knows, and whom it voted for in it.
package struct Ballot: Sendable, Equatable, CustomStringConvertible {
    package var term: Term
    package var vote: NodeID?

    package init(term: Term = .zero, vote: NodeID? = nil) {
        self.term = term
        self.vote = vote
    }

    package var description: String { vote.map { "\(term), voted for \($0)" } ?? "\(term)" }
}
