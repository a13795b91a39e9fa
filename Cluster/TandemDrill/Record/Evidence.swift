/// All that a run leaves behind; what is judged, and what the history file holds.
struct Evidence: Sendable {
    var operations: [Operation] = []
    var streams: [Stream] = []
    /// Sessions that left a node because it refused for seconds what others do.
    var moves = 0
    var faults: [FaultLine] = []
    var states: [NodeState] = []
    var digests: [DigestLine] = []
    /// The machine's wall clock ahead of its monotonic one, in milliseconds; nil: unknown.
    var wallAhead: Int64?
    /// What the run itself met that must not be: a node that ended by itself, or was not ready in time.
    var troubles: [String] = []
}
