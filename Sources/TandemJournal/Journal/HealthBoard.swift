/// Whether the journal can write.
package enum JournalHealth: Sendable, Equatable {
    case ok
    /// Entries are refused, bookkeeping is still taken; it ends by itself when there is room.
    case diskFull
    /// Nothing is written any more by this process.
    case failed(cause: String)
}

/// Where the journal's two threads say how their disk is, and others look. A failure stays.
final class HealthBoard: Sendable {
    private struct State {
        var health: JournalHealth
        var hooks: [@Sendable (JournalHealth) -> Void] = []
    }

    private let state: Monitor<State>

    init(_ health: JournalHealth) {
        state = Monitor(State(health: health))
    }

    var health: JournalHealth { state.withLock { $0.health } }

    var hasFailed: Bool {
        if case .failed = health { return true }
        return false
    }

    func add(_ hook: @escaping @Sendable (JournalHealth) -> Void) { state.withLock { $0.hooks.append(hook) } }

    /// Tells nobody any more: whoever is told holds the journal.
    func letGo() { state.withLock { $0.hooks = [] } }

    func tell(_ health: JournalHealth) {
        let hooks: [@Sendable (JournalHealth) -> Void] = state.withLock { state in
            if case .failed = state.health { return [] }
            guard state.health != health else { return [] }
            state.health = health
            return state.hooks
        }
        for hook in hooks { hook(health) }
    }
}
