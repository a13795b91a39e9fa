internal import TandemRuntime

/// Where a partition runs in a run: its work waits until the run comes to it.
// Safe: a run has one thread.
final class VirtualExecutor: PartitionExecutor, @unchecked Sendable {
    private var work: [@Sendable () -> Void] = []
    private var hooks: [() -> Void] = []
    private var isPlanned = false
    /// Has `turn` called in a while.
    private let plan: (VirtualExecutor) -> Void
    /// Has work done at a monotonic nanosecond.
    private let planWake: (UInt64, @escaping @Sendable () -> Void) -> Void

    init(
        plan: @escaping (VirtualExecutor) -> Void,
        planWake: @escaping (UInt64, @escaping @Sendable () -> Void) -> Void
    ) {
        self.plan = plan
        self.planWake = planWake
    }

    /// Nothing waits to be done.
    var isIdle: Bool { work.isEmpty && hooks.isEmpty }

    func run(_ work: @escaping @Sendable () -> Void) {
        self.work.append(work)
        planTurn()
    }

    func afterBatch(_ work: @escaping () -> Void) {
        hooks.append(work)
        planTurn()
    }

    func wake(at deadline: UInt64, _ work: @escaping @Sendable () -> Void) {
        planWake(deadline) { [self] in run(work) }
    }

    private func planTurn() {
        guard !isPlanned else { return }
        isPlanned = true
        plan(self)
    }

    /// Does what waits, as one batch; what that brings is the next one's.
    func turn() {
        let batch = work
        work = []
        for item in batch { item() }
        let after = hooks
        hooks = []
        for hook in after { hook() }
        isPlanned = false
        if !isIdle { planTurn() }
    }

    // Actors are stepped by plain calls; a job comes only from `Task`, of which there is none here.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        run { job.runSynchronously(on: executor) }
    }
    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
    func checkIsolated() {}
    func isIsolatingCurrentContext() -> Bool? { true }
}

/// The clocks of a machine: they run apart, and its wall clock is set by somebody.
// Safe: a run has one thread.
final class VirtualClock: NodeClock, @unchecked Sendable {
    /// The time of the run.
    private let time: () -> Moment
    /// Parts in a million by which it is fast.
    private let drift: Int
    /// By how much the wall clock is ahead, milliseconds.
    var ahead: Int

    /// When all runs begin, milliseconds since 1970.
    static let beginning: Int64 = 1_790_000_000_000

    init(drift: Int, ahead: Int, time: @escaping () -> Moment) {
        self.time = time
        self.drift = drift
        self.ahead = ahead
    }

    func monotonic() -> UInt64 {
        let now = time()
        return 1_000_000_000 + UInt64(now * 1_000 + now * drift / 1_000)
    }

    func wall() -> Int64 { Self.beginning + Int64(ahead + time() / 1_000) }

    /// Microseconds from now to a monotonic nanosecond, at least 0.
    func span(to deadline: UInt64) -> Int {
        let now = monotonic()
        guard deadline > now else { return 0 }
        // A little longer than it may take: never early.
        return Int(min(deadline - now, 1 << 50)) / 1_000 * (1_000_000 - drift) / 1_000_000 + 1
    }
}
