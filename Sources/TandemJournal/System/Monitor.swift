internal import Glibc

/// A value behind a lock, and a way to wait until it has changed.
///
/// Made of a pthread mutex and condition, which Thread Sanitizer understands; it reports those of `Synchronization`
/// falsely.
// Safe: `state` is only touched with `mutex` held; the pthread objects are made for being shared.
final class Monitor<State>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    init(_ state: State) {
        self.state = state
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Wakes everyone who waits; call it after the change that they wait for.
    func wake() {
        pthread_cond_broadcast(condition)
    }

    /// Waits until `body` has an answer, and returns it. `body` is asked at once, after each `wake`, and with true
    /// when `milliseconds` (none: for ever) are over; then it should answer.
    func wait<R>(milliseconds: Int? = nil, _ body: (inout State, _ isOver: Bool) -> R?) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        var deadline = timespec()
        if let milliseconds {
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            let nanoseconds = deadline.tv_nsec + (milliseconds % 1_000) * 1_000_000
            deadline.tv_sec += milliseconds / 1_000 + nanoseconds / 1_000_000_000
            deadline.tv_nsec = nanoseconds % 1_000_000_000
        }
        var isOver = false
        while true {
            if let answer = body(&state, isOver) { return answer }
            if milliseconds == nil {
                pthread_cond_wait(condition, mutex)
            } else {
                isOver = pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT
            }
        }
    }
}
