import Glibc
import TandemTransport

/// What happened, in order, from any thread.
// Safe: `values` is touched under the lock only.
final class Log<Value>: @unchecked Sendable {
    private let lock = Lock()
    private var values: [Value] = []

    func append(_ value: Value) { lock.withLock { values.append(value) } }

    var all: [Value] { lock.withLock { values } }
}

/// Opened once, on any thread; waited for on another.
// Safe: a semaphore of the system, made once at a fixed address.
final class Gate: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func open() { sem_post(semaphore) }

    func wait() {
        while sem_wait(semaphore) != 0 {}
    }
}
