internal import TandemTransport

/// Collects what clients did and were told, from the loop they run on, for the thread that conducts the run.
// Safe: everything is under `lock`.
final class Recorder: @unchecked Sendable {
    private let lock = Lock()
    private var operations: [Operation] = []
    private var streams: [Stream] = []
    private var acknowledged = 0
    private var unknown = 0
    private var refused = 0
    private var moves = 0
    private var serial = 0

    /// How it stands, for the line that is shown meanwhile.
    struct Count: Sendable {
        let acknowledged: Int
        let unknown: Int
        let refused: Int
    }

    func add(_ operation: Operation) {
        lock.withLock {
            switch operation.outcome {
            case .ok: acknowledged += 1
            case .unknown: unknown += 1
            case .refused: refused += 1
            }
            operations.append(operation)
        }
    }

    func add(_ stream: Stream) { lock.withLock { streams.append(stream) } }

    /// A session left a node that answered and did nothing.
    func addMove() { lock.withLock { moves += 1 } }

    /// A number that no other operation of the run has.
    func nextNumber() -> Int {
        lock.withLock {
            serial += 1
            return serial
        }
    }

    var count: Count {
        lock.withLock { Count(acknowledged: acknowledged, unknown: unknown, refused: refused) }
    }

    /// Everything so far, operations in the order of their ends.
    var evidence: Evidence { lock.withLock { Evidence(operations: operations, streams: streams, moves: moves) } }
}
