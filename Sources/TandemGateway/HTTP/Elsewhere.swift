internal import TandemAPI
internal import TandemRuntime

// What a node says that cannot serve a client, and others can.
extension Node {
    /// Nobody answers for a partition: because this node is cut off, or for the reason that is given.
    func unanswered(_ partition: UInt16, _ otherwise: ErrorCode = .notLeading) -> Problem {
        isCutOff(from: partition) ? sentOn(.cutOff) : Problem(otherwise)
    }

    /// A refusal that names the nodes to use instead.
    func sentOn(_ code: ErrorCode) -> Problem {
        let nodes = elsewhere.map(String.init).joined(separator: ", ")
        return Problem(code, detail: nodes.isEmpty ? "Use another node." : "Use another node: \(nodes).")
    }
}
