internal import TandemTransport

/// Which nodes of the cluster are there: who leads ends the live sessions of those that are gone.
///
/// Asked from any thread; told on the consensus loop.
// Safe: everything is under `lock`.
package final class NodePresence: @unchecked Sendable {
    package enum Standing: Sendable, Equatable {
        /// In this life: sessions of earlier ones are over.
        case here(incarnation: UInt64)
        /// For longer than a connection takes to come back: its sessions are over.
        case gone
        /// Nobody knows yet.
        case unsure
    }

    /// How long a lost node may stay away before its sessions count as lost: a broken connection is dialled again within a
    /// tenth of this.
    static let patienceNanoseconds: UInt64 = 2_000_000_000

    private enum Seen {
        case here(UInt64)
        case missing(since: UInt64)
        case gone
    }

    private let lock = Lock()
    private var seen: [UInt32: Seen]
    /// Those that have said that they are going.
    private var leaving: Set<UInt32> = []
    private var hasNews = false

    /// - Parameters:
    ///   - others: all nodes of the cluster but this one.
    ///   - now: in monotonic nanoseconds; who is not found from here on is missing.
    init(_ others: [UInt32], at now: UInt64) {
        seen = Dictionary(uniqueKeysWithValues: others.map { ($0, .missing(since: now)) })
    }

    package func standing(of node: UInt32) -> Standing {
        switch lock.withLock({ seen[node] }) {
        case .here(let incarnation): .here(incarnation: incarnation)
        case .missing: .unsure
        case .gone, nil: .gone
        }
    }

    func isHere(_ node: UInt32) -> Bool {
        lock.withLock { if case .here = seen[node] { true } else { false } }
    }

    /// It is connected, and has not said that it is going.
    func stays(_ node: UInt32) -> Bool {
        lock.withLock { if case .here = seen[node] { !leaving.contains(node) } else { false } }
    }

    /// It is going: it is to be given nothing to lead. So until it comes back.
    func leaves(_ node: UInt32) { lock.withLock { _ = leaving.insert(node) } }

    /// The other nodes of the cluster are these now.
    func set(_ others: [UInt32], at now: UInt64) {
        lock.withLock {
            for node in others where seen[node] == nil { seen[node] = .missing(since: now) }
            for node in seen.keys.sorted() where !others.contains(node) {
                seen[node] = nil
                hasNews = true
            }
        }
    }

    func found(_ node: UInt32, incarnation: UInt64) {
        lock.withLock {
            seen[node] = .here(incarnation)
            leaving.remove(node)
            hasNews = true
        }
    }

    func lost(_ node: UInt32, at now: UInt64) {
        lock.withLock { seen[node] = .missing(since: now) }
    }

    /// Counts those as gone that were missing too long. True when anybody is known to be here or gone who was not when
    /// this was asked last.
    func settle(at now: UInt64) -> Bool {
        lock.withLock {
            for (node, standing) in seen {
                guard case .missing(let since) = standing, now > since + Self.patienceNanoseconds else { continue }
                seen[node] = .gone
                hasNews = true
            }
            defer { hasNews = false }
            return hasNews
        }
    }
}
