internal import CLinux
internal import Glibc

/// A thread of the operating system's that runs one function to its end: waiting for a disk must hold up nobody else.
final class WorkerThread: Sendable {
    private let thread: pthread_t

    /// Starts it. `name` (at most 15 bytes) is what the operating system's tools show.
    init(name: String, _ body: @escaping @Sendable () -> Void) {
        precondition(name.utf8.count <= 15, "The kernel keeps 15 bytes of a thread's name.")
        let work = Unmanaged.passRetained(Work(name: name, body: body))
        var made = pthread_t()
        let code = pthread_create(
            &made, nil,
            { raw in
                guard let raw else { return nil }
                let work = Unmanaged<Work>.fromOpaque(raw).takeRetainedValue()
                tandem_thread_name(work.name)
                work.body()
                return nil
            }, work.toOpaque())
        precondition(code == 0, "A node that cannot make its two disk threads cannot run.")
        thread = made
    }

    /// Waits for its end; called once, and from another thread.
    func join() {
        pthread_join(thread, nil)
    }

    private final class Work: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
