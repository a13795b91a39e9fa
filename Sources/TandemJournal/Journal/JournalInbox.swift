internal import Glibc
internal import Synchronization

/// The writes that wait for the writer's thread, whoever submitted them.
// Safe: `taken`, `answeredAt` and `lastWait` are touched only by the writer's thread.
final class JournalInbox: @unchecked Sendable {
    struct Waiting {
        let write: JournalWrite
        /// Of the entries, made by the submitting thread: what happens to them on the way is noticed.
        let checksums: [UInt32]
        let byteCount: Int
        let completion: JournalCompletion
    }

    /// What the thread takes at once.
    struct Batch {
        let writes: [Waiting]
        /// Somebody who shares the disk has found it full.
        let isToldFull: Bool
    }

    private struct State {
        var waiting: [Waiting] = []
        var waitingBytes = 0
        var isStopping = false
        var isToldFull = false
    }

    private let limits: JournalLimits
    private let state = Monitor(State())
    /// How many writes were submitted: the thread sees a new one without the lock. Changed under it.
    private let submitted = Atomic<UInt64>(0)
    private var taken: UInt64 = 0
    /// When the last batch was answered, microseconds, and how long the one before it had to be waited for.
    private var answeredAt = 0
    private var lastWait = Int.max

    init(_ limits: JournalLimits) { self.limits = limits }

    // MARK: From any thread

    /// Takes a write for the next transaction. One that is refused at once (`.busy`, `.entryTooLarge`, `.closed`) is
    /// answered before this returns, on the caller's thread; all others on the writer's.
    func submit(_ write: JournalWrite, completion: @escaping JournalCompletion) {
        var byteCount = JournalLimits.writeOverhead
        var checksums: [UInt32] = []
        if case .append(let entries) = write {
            checksums.reserveCapacity(entries.count)
            for entry in entries {
                guard entry.bytes.count <= limits.entryBytes else {
                    return completion(
                        .failure(
                            .entryTooLarge(
                                partition: entry.partition, index: entry.index, bytes: entry.bytes.count,
                                limit: limits.entryBytes)))
                }
                byteCount += entry.bytes.count + JournalLimits.writeOverhead
                checksums.append(EntryHasher.checksum(entry))
            }
        }
        let waiting = Waiting(write: write, checksums: checksums, byteCount: byteCount, completion: completion)
        // Bookkeeping has room of its own: it is small, and it must not wait behind refused entries.
        let limit = limits.pendingBytes + (write.isBookkeeping ? JournalLimits.bookkeepingBytesMax : 0)
        let refusal: JournalError? = state.withLock { state in
            if state.isStopping { return .closed }
            guard state.waitingBytes + byteCount <= limit else {
                return .busy(pendingBytes: state.waitingBytes, limit: limit)
            }
            state.waiting.append(waiting)
            state.waitingBytes += byteCount
            submitted.wrappingAdd(1, ordering: .releasing)
            return nil
        }
        if let refusal { return completion(.failure(refusal)) }
        state.wake()
    }

    /// Of writes that are not answered.
    var waitingBytes: Int { state.withLock { $0.waitingBytes } }

    func tellFull() {
        state.withLock { $0.isToldFull = true }
        state.wake()
    }

    /// Takes no more writes; the thread ends after those that wait.
    func stop() {
        state.withLock { $0.isStopping = true }
        state.wake()
    }

    // MARK: The writer's thread

    /// Waits for something to do, or until `milliseconds` (nil: for ever) are over; nil: it has been stopped, and nothing
    /// waits.
    func take(within milliseconds: Int?) -> Batch? {
        lingerAwake()
        let batch = state.wait(milliseconds: milliseconds) { state, isOver -> Batch?? in
            guard !state.waiting.isEmpty || state.isStopping || state.isToldFull || isOver else { return nil }
            taken = submitted.load(ordering: .relaxed)
            if state.isStopping, state.waiting.isEmpty { return .some(nil) }
            defer { (state.waiting, state.isToldFull) = ([], false) }
            return Batch(writes: state.waiting, isToldFull: state.isToldFull)
        }
        if batch?.writes.isEmpty == false { lastWait = FileSystem.monotonicMicroseconds() - answeredAt }
        return batch
    }

    /// Who asks again as soon as he has his answer finds the thread awake: waking it costs a fifth of a commit. Only
    /// while the last batch came that soon, and anyone else who wants the processor has it.
    private func lingerAwake() {
        guard lastWait <= limits.lingerMicroseconds else { return }
        while submitted.load(ordering: .acquiring) == taken,
            FileSystem.monotonicMicroseconds() - answeredAt < limits.lingerMicroseconds
        {
            sched_yield()
        }
    }

    /// Writes of so many bytes are to be answered: there is room for others.
    func release(_ bytes: Int) { state.withLock { $0.waitingBytes -= bytes } }

    /// A batch has been answered.
    func noteAnswered() { answeredAt = FileSystem.monotonicMicroseconds() }
}
