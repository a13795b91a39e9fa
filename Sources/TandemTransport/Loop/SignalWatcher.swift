internal import CLinux
internal import Glibc

/// The signals a program of ours listens to.
package enum ProcessSignal: Sendable, CaseIterable {
    /// SIGTERM: end in good order.
    case terminate
    /// SIGINT: the same, from a keyboard.
    case interrupt
    /// SIGHUP: read the configuration again.
    case hangUp

    var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangUp: SIGHUP
        }
    }
}

/// Turns signals into callbacks on a loop.
///
/// Call `prepare` on the main thread before any other thread is made: a signal must be blocked in every thread, or the
/// system may deliver it, and end the process, where nobody watches.
// Safe: touched on the loop only, but for what is set before it is watched.
package final class SignalWatcher: EventHandler, @unchecked Sendable {
    private let loop: EventLoop
    private let onSignal: @Sendable (ProcessSignal) -> Void
    private let descriptor: Int32
    private var registration: Poller.Registration?

    /// Blocks the signals in this thread and those it makes, and ignores SIGPIPE in the whole process.
    package static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        var set = signalSet()
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Watches for the rest of the loop's life; `onSignal` is called on it.
    package init(
        on loop: EventLoop, onSignal: @escaping @Sendable (ProcessSignal) -> Void
    ) throws(TransportError) {
        var set = Self.signalSet()
        let flags = Int32(SFD_NONBLOCK) | Int32(SFD_CLOEXEC)
        descriptor = signalfd(-1, &set, flags)
        guard descriptor >= 0 else { throw .system(.resource, "signalfd") }
        self.loop = loop
        self.onSignal = onSignal
        loop.run { [self] in
            registration = try? loop.register(descriptor, self)
            precondition(registration != nil, "a signalfd can be watched")
            takeAll()
        }
    }

    private static func signalSet() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in ProcessSignal.allCases { sigaddset(&set, signal.number) }
        return set
    }

    func handle(events: UInt32) { takeAll() }

    func loopEnds() {
        if let registration { loop.close(registration) }
        registration = nil
    }

    private func takeAll() {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        while registration != nil, Glibc.read(descriptor, &information, size) == size {
            let number = Int32(bitPattern: information.ssi_signo)
            for signal in ProcessSignal.allCases where signal.number == number { onSignal(signal) }
        }
    }
}
