internal import Foundation
internal import Glibc
internal import TestPrograms

/// One `tandemd` of the cluster, as a process of its own; conducted by one thread.
///
///     down ── start ──▶ running ◀── resume / pause ──▶ paused
///       ▲                 │                              │
///       └── kill, terminate, or it ended by itself ──────┘
final class NodeProcess {
    enum State: Equatable { case down, running, paused }

    let number: Int
    let directory: String
    let clientPort: UInt16
    let peerPort: UInt16
    private(set) var state = State.down
    private var program = Program()
    /// The program and its arguments that the next start takes.
    var executable: String
    var arguments: [String]

    /// How long a node that was asked to may take to end, in seconds.
    static let drainSecondsMax = 30.0

    init(
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

    var logPath: String { directory + ".log" }
    /// What the node adds to its wall clock; outside its directory, which may be wiped.
    private var clockPath: String { directory + ".clock" }

    /// For nodes whose clocks are set in drills. They are started with it.
    func makeClock() -> [String] {
        setClock(aheadMilliseconds: 0)
        return ["--conformance", "--test-wall-file", clockPath]
    }

    /// Its wall clock shows so much more than the machine's from now on; the node may be up or down.
    func setClock(aheadMilliseconds: Int) {
        let descriptor = open(clockPath, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        withUnsafeBytes(of: Int64(aheadMilliseconds)) { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    /// Ends with the drill, also when that is killed: the drill's own thread starts it, and lasts.
    func start() throws {
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
        program.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        program.standardOutput = log
        program.standardError = log
        try program.run()
        state = .running
    }

    /// As a power cut would, for the process.
    func kill() {
        guard state != .down else { return }
        program.signal(SIGKILL)
        program.waitUntilExit()
        state = .down
    }

    /// As an operator would; false if it did not end in order and in time, and was killed.
    func terminate() -> Bool {
        guard state != .down else { return true }
        resume()
        program.terminate()
        let end = Date(timeIntervalSinceNow: Self.drainSecondsMax)
        while program.isRunning, Date() < end { usleep(10_000) }
        let isLate = program.isRunning
        if isLate { program.signal(SIGKILL) }
        program.waitUntilExit()
        state = .down
        return !isLate && program.terminationReason == .exit && program.terminationStatus == 0
    }

    /// Nothing is left on its disk; it must be down.
    func wipe() throws {
        precondition(state == .down, "a disk is wiped when its node is down")
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            try FileManager.default.removeItem(atPath: directory + "/" + name)
        }
    }

    func pause() {
        guard state == .running else { return }
        program.signal(SIGSTOP)
        state = .paused
    }

    func resume() {
        guard state == .paused else { return }
        program.signal(SIGCONT)
        state = .running
    }

    /// Waits for it to end by itself; its exit status, or nil if it did not in time, or not in order.
    func waitForEnd(seconds: Double) -> Int32? {
        let end = Date(timeIntervalSinceNow: seconds)
        while program.isRunning, Date() < end { usleep(10_000) }
        guard state == .running, !program.isRunning else { return nil }
        state = .down
        return program.terminationReason == .exit ? program.terminationStatus : nil
    }

    /// How it ended though nobody ended it; told once.
    func endedByItself() -> String? {
        guard state == .running, !program.isRunning else { return nil }
        state = .down
        let how = program.terminationReason == .exit ? "with exit status" : "by signal"
        return "node \(number) ended by itself, \(how) \(program.terminationStatus):\n\(lastWords())"
    }

    /// The end of its log.
    func lastWords(lines: Int = 8) -> String {
        guard let data = FileManager.default.contents(atPath: logPath) else { return "" }
        let text = String(decoding: data.suffix(16 * 1024), as: UTF8.self)
        return text.split(separator: "\n").suffix(lines).map { "    \($0)" }.joined(separator: "\n")
    }
}
