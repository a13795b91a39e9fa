/// The supervision rules, as data and a pure decision: who is restarted when a child fails, and when it is given up.
///
/// As in Erlang/OTP: `oneForOne` restarts the failed child, `restForOne` also those started after it; more than
/// `restartsMax` restarts within `window` escalate to the parent.
package struct Supervisor: Sendable {
    package enum Strategy: String, Sendable {
        case oneForOne, restForOne
    }

    package enum Verdict: Hashable, Sendable {
        /// Stop these in reverse order, then start them in this order.
        case restart([String])
        /// Too many restarts: the supervisor itself has failed.
        case escalate
    }

    package let strategy: Strategy
    package let restartsMax: Int
    /// Nanoseconds.
    package let window: UInt64
    /// Children in the order of their start.
    package private(set) var children: [Child]
    private var recent: [UInt64] = []

    package struct Child: Hashable, Sendable {
        package let name: String
        package var restarts: UInt64 = 0
        package var lastReason: String?
        package init(_ name: String) { self.name = name }
    }

    package init(
        _ strategy: Strategy, restartsMax: Int = 5, window: UInt64 = 10_000_000_000, children: [String]
    ) {
        self.strategy = strategy
        self.restartsMax = restartsMax
        self.window = window
        self.children = children.map(Child.init)
    }

    /// A child failed at the monotonic nanosecond `now`. A name that is no child escalates.
    package mutating func failed(_ name: String, reason: String, at now: UInt64) -> Verdict {
        guard let place = children.firstIndex(where: { $0.name == name }) else { return .escalate }
        children[place].lastReason = reason
        recent.removeAll { now &- $0 > window }
        recent.append(now)
        guard recent.count <= restartsMax else { return .escalate }
        let affected =
            switch strategy {
            case .oneForOne: place...place
            case .restForOne: place...(children.count - 1)
            }
        for index in affected { children[index].restarts += 1 }
        return .restart(children[affected].map(\.name))
    }

    /// A child ended for a reason that no restart cures.
    package mutating func note(_ name: String, reason: String) {
        guard let place = children.firstIndex(where: { $0.name == name }) else { return }
        children[place].lastReason = reason
    }
}

/// One line of the tree that operators see.
package struct TreeNode: Sendable {
    package let name: String
    package let kind: String
    package let state: String
    package let restarts: UInt64
    package let lastReason: String?
    /// Actors beneath that have no line of their own.
    package let count: Int?
    package let children: [TreeNode]

    package init(
        name: String, kind: String, state: String, restarts: UInt64 = 0, lastReason: String? = nil, count: Int? = nil,
        children: [TreeNode] = []
    ) {
        self.name = name
        self.kind = kind
        self.state = state
        self.restarts = restarts
        self.lastReason = lastReason
        self.count = count
        self.children = children
    }
}
