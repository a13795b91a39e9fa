internal import Synchronization
internal import TandemTransport

/// Services that run on threads of their own, under one supervisor: who runs, who was restarted, who was given up.
///
/// It decides and remembers; the owner of a service stops and starts it. From any thread.
///
/// ```
/// running ── failed ──▶ restarting ── started ──▶ running
///                │ too often  ▲ the owner may try again later
///                ▼            │
///              failed ────────┘        abandoned: never again in this life of the node
/// ```
package final class ServiceBoard: Sendable {
    package enum Standing: String, Sendable {
        case running, restarting, failed, abandoned
    }

    private struct Kept {
        var supervisor: Supervisor
        var standings: [String: Standing] = [:]
    }

    private let kept: Mutex<Kept>

    package init(_ children: [String], restartsMax: Int = 5) {
        kept = Mutex(Kept(supervisor: Supervisor(.oneForOne, restartsMax: restartsMax, children: children)))
    }

    /// A service failed now. `restart`: start it soon; `escalate`: it failed too often for that.
    package func failed(_ name: String, reason: String) -> Supervisor.Verdict {
        kept.withLock { kept in
            let verdict = kept.supervisor.failed(name, reason: reason, at: EventLoop.monotonicNanoseconds())
            kept.standings[name] = verdict == .escalate ? .failed : .restarting
            return verdict
        }
    }

    package func started(_ name: String) { kept.withLock { $0.standings[name] = .running } }

    package func abandon(_ name: String, reason: String) {
        kept.withLock { kept in
            kept.supervisor.note(name, reason: reason)
            kept.standings[name] = .abandoned
        }
    }

    package func standing(of name: String) -> Standing { kept.withLock { $0.standings[name] ?? .running } }

    /// One line per service.
    package var lines: [TreeNode] {
        kept.withLock { kept in
            kept.supervisor.children.map { child in
                TreeNode(
                    name: child.name, kind: "service", state: (kept.standings[child.name] ?? .running).rawValue,
                    restarts: child.restarts, lastReason: child.lastReason)
            }
        }
    }
}
