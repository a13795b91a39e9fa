package import Foundation
internal import Glibc
internal import Synchronization
internal import TandemTransport

/// Through which a program's words come to a test. No other program that a test runs holds either end.
package final class OutputPipe: Sendable {
    /// Held while a pipe is made and while a program is started: in between its ends would be inherited.
    fileprivate static let lock = NSLock()

    package let fileHandleForReading: FileHandle
    package let fileHandleForWriting: FileHandle

    package init() {
        var ends: [Int32] = [-1, -1]
        let isMade = Self.lock.withLock {
            guard pipe(&ends) == 0 else { return false }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return true
        }
        precondition(isMade, "the system gave no pipe")
        fileHandleForReading = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        fileHandleForWriting = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    }
}

/// A program that a test runs, in a process of its own.
///
/// Not Foundation's `Process`: to close what the child need not have, that one copies the names of all open descriptors
/// with a fixed length, beyond the end of the memory they lie in; where many tests run in one process it crashed that.
// Safe: what is set is set before `run`; `state` is under `lock`.
package final class Program: @unchecked Sendable {
    package enum End: Sendable { case exit, uncaughtSignal }

    package struct NotStarted: Error, CustomStringConvertible {
        package let description: String
    }

    private struct State {
        var process: pid_t = 0
        /// As `waitpid` gave it; nil while it runs.
        var status: Int32?
    }

    package var executableURL: URL?
    package var arguments: [String] = []
    /// Nil: that of the tests.
    package var environment: [String: String]?
    /// What it reads; closed here once it runs. Nil: nothing. The other end of a pipe is the tests' alone, so that a program
    /// that reads until the end ends with them, however they end.
    package var standardInput: FileHandle?
    /// Where it writes; closed here once it runs. Nil: where the tests write.
    package var standardOutput: FileHandle?
    package var standardError: FileHandle?

    private let lock = NSLock()
    private var state = State()
    private var isBound = false

    package init() {}

    /// The one that this process runs.
    package static var own: URL { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath() }

    /// An environment in which a program that traps ends at once: a backtrace takes seconds.
    package static var withoutBacktraces: [String: String] {
        ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    }

    // MARK: Starting

    /// Bound programs are started on it. They would end with their thread, and those of tasks come and go.
    private static let starter = Result {
        let loop = try EventLoop(name: "starter")
        loop.start()
        return loop
    }

    /// Names the program so that it ends with this process, also when that is killed: the kernel sees to it, by `setpriv`
    /// where there is one.
    package func nameBound(_ executable: URL, _ words: [String]) {
        let guardian = "/usr/bin/setpriv"
        isBound = FileManager.default.isExecutableFile(atPath: guardian)
        executableURL = isBound ? URL(fileURLWithPath: guardian) : executable
        arguments = (isBound ? ["--pdeathsig", "KILL", executable.path] : []) + words
    }

    package func run() throws {
        guard isBound else { return try spawn() }
        let starter = try Self.starter.get()
        let failure = Mutex<(any Error)?>(nil)
        let isDone = Semaphore()
        starter.run { [self] in
            do { try spawn() } catch { failure.withLock { $0 = error } }
            isDone.signal()
        }
        isDone.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private func spawn() throws {
        guard let path = executableURL?.path else { throw NotStarted(description: "no program was named") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let standardInput {
            posix_spawn_file_actions_adddup2(&actions, standardInput.fileDescriptor, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        for (handle, number) in [(standardOutput, Int32(1)), (standardError, 2)] {
            if let handle { posix_spawn_file_actions_adddup2(&actions, handle.fileDescriptor, number) }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The tests' threads may block signals that the program waits for.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        let variables = environment ?? ProcessInfo.processInfo.environment
        var pairs: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + pairs { free(text) } }
        var process = pid_t()
        let code = OutputPipe.lock.withLock { posix_spawn(&process, path, &actions, &attributes, &words, &pairs) }
        guard code == 0 else { throw NotStarted(description: "\(path): \(String(cString: strerror(code)))") }
        lock.withLock { state = State(process: process) }
        try standardInput?.close()
        if let standardOutput, standardOutput !== FileHandle.nullDevice { try standardOutput.close() }
        if let standardError, standardError !== standardOutput, standardError !== FileHandle.nullDevice {
            try standardError.close()
        }
    }

    // MARK: Its end

    package var processIdentifier: Int32 { lock.withLock { state.process } }

    package var isRunning: Bool { processIdentifier != 0 && ended(waiting: false) == nil }

    package func waitUntilExit() { _ = ended(waiting: true) }

    /// Waits for its end, but no longer than that; whether it has ended.
    package func waitUntilExit(within seconds: Double) -> Bool {
        guard isRunning else { return true }
        let hasEnded = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [process = processIdentifier] in
            Self.look(at: process, waiting: true)
            hasEnded.signal()
        }
        return hasEnded.wait(timeout: .now() + seconds) == .success
    }

    /// Asks it to end, as an operator would.
    package func terminate() { signal(SIGTERM) }

    package func signal(_ number: Int32) {
        let process = processIdentifier
        if process != 0, isRunning { Glibc.kill(process, number) }
    }

    /// As a power cut would; waits for its end.
    package func kill() {
        signal(SIGKILL)
        waitUntilExit()
    }

    /// After its end: the exit status, or the signal that ended it.
    package var terminationStatus: Int32 {
        guard let status = ended(waiting: true) else { return -1 }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : status & 0x7F
    }

    package var terminationReason: End { (ended(waiting: true) ?? 0) & 0x7F == 0 ? .exit : .uncaughtSignal }

    private func ended(waiting: Bool) -> Int32? {
        let known = lock.withLock { state }
        guard known.status == nil, known.process != 0 else { return known.status }
        Self.look(at: known.process, waiting: waiting)
        return lock.withLock {
            if state.status == nil {
                var status: Int32 = 0
                if waitpid(known.process, &status, WNOHANG) == known.process { state.status = status }
            }
            return state.status
        }
    }

    /// Not reaped by it, so that its number is not another's: who waits is told by whoever reaps it.
    private static func look(at process: pid_t, waiting: Bool) {
        var information = siginfo_t()
        while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT | (waiting ? 0 : WNOHANG)) != 0 {
            if errno != EINTR { break }
        }
    }
}
