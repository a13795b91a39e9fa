internal import TandemCore

// Promises that changed after clocks had started. What is to be done follows from the records: a clock whose promise is
// not its queue's any longer. So nothing of it is journaled but the turns themselves, and a new leader looks again.

/// The conversations that are still to be looked at.
struct PolicySweep {
    /// Somebody's promises have changed since the last sweep began.
    private var isWanted = false
    /// Falling, so that the next is the last; a conversation that was opened meanwhile has the new promises.
    private var rest: [UInt64] = []

    mutating func want() { isWanted = true }

    func hasWork(in count: Int) -> Bool { !rest.isEmpty || (isWanted && count > 0) }

    /// Sorting a million costs a tenth of a second, once per change.
    mutating func next(of open: some Collection<UInt64>) -> ConversationID? {
        if rest.isEmpty, isWanted {
            isWanted = false
            rest = open.sorted(by: >)
        }
        return rest.popLast().map { ConversationID(raw: $0) }
    }

    mutating func stop() {
        isWanted = false
        rest = []
    }
}

extension Roster {
    var hasPolicyWork: Bool { policies.hasWork(in: conversations.count) }

    func nextForPolicies() -> ConversationID? { policies.next(of: conversations.keys) }

    /// Whether a clock of an open conversation in memory has another promise than its queue makes now.
    func hasStalePromise(_ id: ConversationID) -> Bool {
        conversation(id)?.hasStalePromise(self) ?? false
    }
}

extension Partition {
    /// Conversations looked at, and turns run, before others have their turn.
    private static let policiesLookedAtMax = 1_024
    private static let policiesTurnsMax = 64

    func schedulePolicies() {
        guard phase == .leading, roster.hasPolicyWork, !policiesScheduled else { return }
        policiesScheduled = true
        afterRest { partition in
            partition.policiesScheduled = false
            partition.followPolicies()
        }
    }

    /// One turn for each conversation that is concerned, a bounded number at a time.
    private func followPolicies() {
        guard phase == .leading else { return }
        var (looked, turns) = (0, 0)
        while looked < Self.policiesLookedAtMax, turns < Self.policiesTurnsMax {
            // Half of the room is left for those who wait for an answer.
            guard inflight.count < max(1, configuration.inflightMax / 2),
                inflightBytes < max(1, configuration.inflightBytesMax / 2), !state.isBehind(number)
            else { return followPoliciesLater() }
            guard let id = roster.nextForPolicies() else { return }
            looked += 1
            guard roster.hasStalePromise(id) else { continue }
            turns += 1
            admit(Input(.command(.conversation(id, .followPolicies), nil)))
        }
        schedulePolicies()
    }

    private func followPoliciesLater() {
        guard !policiesScheduled else { return }
        policiesScheduled = true
        wake(at: clock.monotonic() + 10_000_000) { partition in
            partition.policiesScheduled = false
            partition.schedulePolicies()
        }
    }
}
