package import TandemTransport

/// Where a partition runs: one thread's mailbox and timers, or a simulator's one thread and virtual time.
///
/// All of a partition's actors name it as their executor, so stepping them from work run here is a plain call.
package protocol PartitionExecutor: SerialExecutor {
    /// Enqueues work from any thread; the order of one thread's work is kept.
    func run(_ work: @escaping @Sendable () -> Void)
    /// Runs `work` when the current batch is done; on the executor only.
    func afterBatch(_ work: @escaping () -> Void)
    /// Runs `work` at or soon after the monotonic nanosecond; cancelled by nobody: work looks again when it runs.
    func wake(at deadline: UInt64, _ work: @escaping @Sendable () -> Void)
}

extension EventLoop: PartitionExecutor {
    package func wake(at deadline: UInt64, _ work: @escaping @Sendable () -> Void) {
        schedule(at: deadline, work)
    }
}
