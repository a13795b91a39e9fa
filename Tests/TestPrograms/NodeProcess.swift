internal import Foundation
internal import Glibc

/// One `tandemd`, as a process of its own that ends with the one that starts it; conducted by one thread at a time.
///
///     down ── start ──▶ running ◀── resume / pause ──▶ paused
///       ▲                 │                              │
///       └── kill, terminate, or it ended by itself ──────┘
package final class NodeProcess {
    package enum State: Equatable { case down, running, paused }

    package let number: Int
    package let directory: String
    package let clientPort: UInt16
    package let peerPort: UInt16
    package private(set) var state = State.down
    private var program = Program()
    /// The program and its arguments that the next start takes.
    package var executable: String
    package var arguments: [String]

    /// How long a node that was asked to may take to end, in seconds.
    private static let drainSecondsMax = 30.0

    package init(
        number: Int, directory: String, executable: String, clientPort: UInt16, peerPort: UInt16, arguments: [String]
    ) {
        self.number = number
        self.directory = directory
        self.executable = executable
        self.clientPort = clientPort
        self.peerPort = peerPort
        self.arguments = arguments
    }

    deinit { kill() }

    package var processIdentifier: Int32 { program.processIdentifier }

    /// Everything that it says, in all its lives.
    private var logPath: String { directory + ".log" }

    package func start() throws {
        precondition(state == .down, "a node is started when it is down")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        if !FileManager.default.fileExists(atPath: logPath) {
            _ = FileManager.default.createFile(atPath: logPath, contents: nil)
        }
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: logPath))
        try log.seekToEnd()
        _ = fcntl(log.fileDescriptor, F_SETFL, O_APPEND)
        program = Program()
        let words = ["--directory", directory, "--listen", "127.0.0.1:\(clientPort)"] + arguments
        program.nameBound(URL(fileURLWithPath: executable), words)
        program.environment = Program.withoutBacktraces
        program.standardOutput = log
        program.standardError = log
        try program.run()
        state = .running
    }

    /// As a power cut would, for the process.
    package func kill() {
        guard state != .down else { return }
        program.kill()
        state = .down
    }

    /// As an operator would; false if it did not end in order and in time, and was killed.
    @discardableResult
    package func terminate(within seconds: Double = drainSecondsMax) -> Bool {
        guard state != .down else { return true }
        resume()
        program.terminate()
        let isInTime = program.waitUntilExit(within: seconds)
        if !isInTime { program.kill() }
        state = .down
        return isInTime && program.terminationReason == .exit && program.terminationStatus == 0
    }

    package func pause() {
        guard state == .running else { return }
        program.signal(SIGSTOP)
        state = .paused
    }

    package func resume() {
        guard state == .paused else { return }
        program.signal(SIGCONT)
        state = .running
    }

    /// Waits for it to end by itself; its exit status, or nil if it did not in time, or not in order.
    package func waitForEnd(seconds: Double) -> Int32? {
        guard state == .running, program.waitUntilExit(within: seconds) else { return nil }
        state = .down
        return program.terminationReason == .exit ? program.terminationStatus : nil
    }

    /// How it ended though nobody ended it; told once.
    package func endedByItself() -> String? {
        guard state == .running, !program.isRunning else { return nil }
        state = .down
        let how = program.terminationReason == .exit ? "with exit status" : "by signal"
        return "node \(number) ended by itself, \(how) \(program.terminationStatus):\n\(lastWords())"
    }

    /// The end of its log.
    package func lastWords(lines: Int = 8) -> String {
        guard let data = FileManager.default.contents(atPath: logPath) else { return "" }
        let text = String(decoding: data.suffix(16 * 1024), as: UTF8.self)
        return text.split(separator: "\n").suffix(lines).map { "    \($0)" }.joined(separator: "\n")
    }
}
