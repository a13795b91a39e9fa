internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread with sockets (epoll), a mailbox and timers in one; also the serial executor of the actors that live on it.
///
/// A **batch** is one round: socket events, due timers, then the whole mailbox as it stood, then the hooks of
/// `afterBatch`. What is enqueued during a batch runs in the next, so no source starves another.
///
///     made ── start() ──▶ running ── stop() ──▶ stopped
///
/// - Work enqueued before `start` waits for it. `stop` runs what was enqueued before it and what that work enqueues (for
///   `Limits.stopBatches` batches), closes the registered sockets, and joins the thread. Work enqueued after that is
///   dropped, and so are armed timers.
/// - Work of one thread runs in the order it was enqueued.
// Safe: state is either under `lock`, atomic, or marked "loop only" and touched on the loop's thread alone.
package final class EventLoop: SerialExecutor, @unchecked Sendable {
    private enum Work {
        case closure(@Sendable () -> Void)
        case job(UnownedJob)
    }

    private enum Phase { case made, running, stopping, stopped }

    package let name: String

    // Under the lock.
    private let lock = Lock()
    private var mailbox: [Work] = []
    private var sleeping = false
    private var phase = Phase.made
    private var thread = pthread_t()

    // Loop only.
    private let poller: Poller
    private var draining: [Work] = []
    private var timers = TimerHeap()
    private var hooks: [() -> Void] = []
    private var batchEnders: [any BatchEnder] = []
    private var stopBatchesLeft = Limits.stopBatches
    /// The monotonic time at which the current batch began.
    private(set) var batchTime: UInt64 = 0
    /// The loop has not run for long, its process was stopped or its machine asleep, and has not yet seen all that came
    /// meanwhile.
    private(set) var hasStoodStill = false
    /// By `awakeAndAsleep`.
    private var batchEnd: UInt64 = 0
    private let standstill: UInt64
    /// Scratch for reads, shared by the connections of the loop; what is in it is gone with the next read.
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.readBufferBytes, alignment: 16)
    var dateCache = DateCache()

    private let threadIdentity = Atomic<UInt>(0)
    private let batches = Atomic<UInt64>(0)
    private let jobs = Atomic<UInt64>(0)
    private let batchLongest = Atomic<UInt64>(0)

    /// - Parameter standstill: nanoseconds without a batch that was due from which on the loop has stood still.
    package init(name: String, standstill: UInt64 = Limits.standstillNanoseconds) throws(TransportError) {
        self.name = name
        self.standstill = standstill
        poller = try Poller()
        mailbox.reserveCapacity(256)
        draining.reserveCapacity(256)
    }

    deinit {
        readBuffer.deallocate()
    }

    // MARK: Life

    /// Spawns the thread. Must be called once.
    package func start() {
        lock.lock()
        precondition(phase == .made, "a loop starts once")
        phase = .running
        lock.unlock()
        let argument = Unmanaged.passRetained(self).toOpaque()
        // The thread takes no signals: they belong to the main thread, or to a `SignalWatcher`.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        let result = pthread_create(
            &thread, nil,
            { argument in
                // Safe: `start` passes a retained loop, and nil is never passed.
                let loop = Unmanaged<EventLoop>.fromOpaque(argument!).takeRetainedValue()
                loop.main()
                return nil
            }, argument)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        precondition(result == 0, "the system gave no thread for the loop \(name)")
    }

    /// Ends the loop as described above; waits for the thread. May be called again; never from the loop itself.
    package func stop() {
        precondition(!isCurrent, "a loop cannot wait for itself")
        lock.lock()
        let was = phase
        var dropped: [Work] = []
        switch was {
        case .running:
            phase = .stopping
            wakeLocked()
        case .made:
            phase = .stopped
            // It never runs, and may hold whoever has this loop.
            swap(&dropped, &mailbox)
        case .stopping, .stopped: break  // Someone else stops it or has.
        }
        lock.unlock()
        if was == .running { pthread_join(thread, nil) }
    }

    /// On this loop's thread?
    @inline(__always)
    package var isCurrent: Bool { threadIdentity.load(ordering: .relaxed) == UInt(pthread_self()) }

    // MARK: Work

    /// Enqueues `work`; from any thread. The order of one thread's work is kept. At most one wake per batch is paid.
    package func run(_ work: @escaping @Sendable () -> Void) { push(.closure(work)) }

    package func enqueue(_ job: consuming ExecutorJob) { push(.job(UnownedJob(job))) }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    package func checkIsolated() { precondition(isCurrent, "not on the loop \(name)") }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Runs `work` when the current batch is done, before the loop sleeps; on the loop only.
    ///
    /// For what is cheaper done once per batch: a write, a wake of another loop.
    package func afterBatch(_ work: @escaping () -> Void) {
        precondition(isCurrent, "hooks are set on the loop")
        hooks.append(work)
    }

    /// As `afterBatch`, without a closure to allocate.
    func afterBatch(_ ender: any BatchEnder) { batchEnders.append(ender) }

    private func push(_ work: Work) {
        lock.lock()
        guard phase != .stopped else { return lock.unlock() }
        mailbox.append(work)
        if sleeping { wakeLocked() }
        lock.unlock()
    }

    private func wakeLocked() {
        sleeping = false
        if !isCurrent { poller.wake() }
    }

    // MARK: Timers

    /// Runs `work` on the loop at or soon (about 1 ms) after `deadline`, in `CLOCK_MONOTONIC` nanoseconds.
    @discardableResult
    package func schedule(at deadline: UInt64, _ work: @escaping @Sendable () -> Void) -> TimerToken {
        let token = TimerToken(deadline: deadline, work: work)
        if isCurrent {
            timers.insert(token)
        } else {
            run { self.timers.insert(token) }
        }
        return token
    }

    /// Disarms a timer; one that has fired already is left alone.
    ///
    /// Called on the loop, the work does not run afterwards; called elsewhere it may still be running.
    package func cancel(_ token: TimerToken) {
        if isCurrent {
            timers.cancel(token)
        } else {
            run { self.timers.cancel(token) }
        }
    }

    package static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// As `monotonicNanoseconds`, and what the machine slept counts.
    private static func awakeAndAsleep() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    // MARK: Sockets

    /// Watches `descriptor`, edge-triggered, for reading and writing; on the loop only. The handler is held.
    func register(_ descriptor: Int32, _ handler: any EventHandler) throws(TransportError) -> Poller.Registration {
        try poller.register(descriptor, handler)
    }

    /// Stops watching and closes the descriptor; an event already fetched for it is not delivered.
    func close(_ registration: Poller.Registration) { poller.close(registration) }

    // MARK: The rounds

    private func main() {
        threadIdentity.store(UInt(pthread_self()), ordering: .relaxed)
        tandem_thread_name(name)
        while round() {}
        poller.closeAll()
        settle()
        // Whoever waits for one is held by it, and may hold this loop.
        timers = TimerHeap()
        lock.withLock {
            phase = .stopped
            mailbox = []
        }
        threadIdentity.store(0, ordering: .relaxed)
    }

    /// One batch; false when the loop is to end.
    private func round() -> Bool {
        let wait = beginWait()
        let count = poller.wait(milliseconds: wait)
        let began = Self.monotonicNanoseconds()
        batchTime = began
        // Without a timer nobody knows how long it should have slept.
        let awake = Self.awakeAndAsleep()
        let isLate = wait >= 0 && batchEnd > 0 && awake > batchEnd + UInt64(wait) * 1_000_000 + standstill
        if isLate { hasStoodStill = true }
        for index in 0..<count { poller.deliver(index) }
        while let work = timers.popDue(at: began) { work() }
        let (ran, stopping) = drain()
        endBatch()
        let took = Self.monotonicNanoseconds() - began
        batchEnd = Self.awakeAndAsleep()
        // Who is woken by a signal to go on has seen nothing yet.
        if count < Limits.eventsPerBatch, count > 0 || !isLate { hasStoodStill = false }
        if batchEnd > awake + standstill { hasStoodStill = true }
        batches.wrappingAdd(1, ordering: .relaxed)
        if ran > 0 { jobs.wrappingAdd(UInt64(ran), ordering: .relaxed) }
        if took > batchLongest.load(ordering: .relaxed) { batchLongest.store(took, ordering: .relaxed) }
        guard stopping else { return true }
        stopBatchesLeft -= 1
        return ran > 0 && stopBatchesLeft > 0
    }

    /// Decides how long to sleep, and says so to those who enqueue.
    private func beginWait() -> Int32 {
        lock.lock()
        defer { lock.unlock() }
        guard mailbox.isEmpty, phase == .running else { return 0 }
        guard let deadline = timers.deadlineNext else {
            sleeping = true
            return -1
        }
        let now = Self.monotonicNanoseconds()
        guard deadline > now else { return 0 }
        sleeping = true
        return Int32(min((deadline - now + 999_999) / 1_000_000, 3_600_000))
    }

    /// Runs the mailbox as it stands.
    private func drain() -> (ran: Int, stopping: Bool) {
        lock.lock()
        sleeping = false
        swap(&mailbox, &draining)
        let stopping = phase == .stopping
        lock.unlock()
        let ran = draining.count
        let executor = asUnownedSerialExecutor()
        for index in 0..<ran {
            switch draining[index] {
            case .closure(let work): work()
            case .job(let job): job.runSynchronously(on: executor)
            }
        }
        draining.removeAll(keepingCapacity: ran <= Limits.mailboxKeptCapacity)
        return (ran, stopping)
    }

    private func endBatch() {
        while !batchEnders.isEmpty || !hooks.isEmpty {
            var enders: [any BatchEnder] = []
            swap(&enders, &batchEnders)
            for ender in enders { ender.batchEnded() }
            // The array goes back, so that its memory is used again.
            if batchEnders.isEmpty {
                enders.removeAll(keepingCapacity: true)
                swap(&enders, &batchEnders)
            }
            guard !hooks.isEmpty else { continue }
            let due = hooks
            hooks.removeAll(keepingCapacity: true)
            for hook in due { hook() }
        }
    }

    /// Work that the closing of sockets enqueued still runs.
    private func settle() {
        endBatch()
        while drain().ran > 0, stopBatchesLeft > 0 {
            endBatch()
            stopBatchesLeft -= 1
        }
    }

    // MARK: Measures

    /// How busy a loop is. Readable from any thread, at the cost of a few loads.
    package struct Load: Sendable, Equatable {
        package let batches: UInt64
        package let jobs: UInt64
        /// Work in the mailbox that no batch has taken yet.
        package let waiting: Int
        /// The longest batch in nanoseconds since it was last taken: how long the loop did not look at its sockets.
        package let batchLongest: UInt64
    }

    /// The measures so far; with `resettingLongest` the longest batch starts again from zero.
    package func load(resettingLongest: Bool = false) -> Load {
        Load(
            batches: batches.load(ordering: .relaxed), jobs: jobs.load(ordering: .relaxed),
            waiting: lock.withLock { mailbox.count },
            batchLongest: resettingLongest
                ? batchLongest.exchange(0, ordering: .relaxed) : batchLongest.load(ordering: .relaxed))
    }
}

/// Something to be done once when a batch ends.
protocol BatchEnder: AnyObject {
    func batchEnded()
}
