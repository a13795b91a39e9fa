internal import Glibc

/// A counting semaphore of the system, for threads that may wait (never a loop's).
// Safe: a `sem_t` at a fixed address, made once; its operations are made for several threads.
package final class Semaphore: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    package init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    package func signal() { sem_post(semaphore) }

    package func wait() {
        while sem_wait(semaphore) != 0 {}  // Interrupted by a signal.
    }
}
