internal import TandemTransport

/// Whether an operator has this node drained: it leads nothing and has its vote, and clients are to use others.
///
/// Told on the consensus loop; asked and listened to from any thread.
// Safe: everything is under `lock`.
final class Drainage: @unchecked Sendable {
    private let lock = Lock()
    private var isOnNow = false
    private var others: [UInt32] = []
    private var hook: (@Sendable () -> Void)?

    var isOn: Bool { lock.withLock { isOnNow } }

    /// Nodes that serve, by number; those that are there, if any is.
    var elsewhere: [UInt32] { lock.withLock { others } }

    /// Called on the consensus loop whenever it begins to be drained.
    func onBegin(_ hook: @escaping @Sendable () -> Void) { lock.withLock { self.hook = hook } }

    func take(_ state: ClusterState, node: UInt32, isHere: (UInt32) -> Bool) {
        let serving = state.members.filter { $0.role == .serving && $0.node != node }.map(\.node)
        let here = serving.filter(isHere)
        let isDraining = state.member(node)?.role == .draining
        let begins = lock.withLock { () -> (@Sendable () -> Void)? in
            defer { isOnNow = isDraining }
            others = here.isEmpty ? serving : here
            return isDraining && !isOnNow ? hook : nil
        }
        begins?()
    }
}
