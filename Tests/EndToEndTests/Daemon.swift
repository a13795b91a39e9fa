import Foundation
import TandemAPI
import TandemTransport
import TestPrograms

/// A real `tandemd` in a directory of its own, started and killed as an operator would.
final class Daemon {
    let directory: String
    let arguments: [String]
    /// The file with the demonstration's tokens, which are good on all nodes of a cluster.
    var sheet: String
    /// What is started next: `tandemd`, or a program that takes the same flags.
    var program = "tandemd"
    /// Flags of every node; a restore takes none of them.
    var common = ["--listen", "127.0.0.1:0", "--partitions", "2"]
    /// How many files it may have open, `soft hard` as the shell takes them; nil for what the tests may.
    var descriptors: (soft: Int, hard: Int)?
    /// Bytes that no file of the process may exceed, so that writing fails as on a broken disk; nil: as the system has it.
    var fileBytesMax: Int?
    private(set) var port: UInt16 = 0
    private var process = Program()
    private var lines = LineReader()

    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter directory: where it keeps its files; nil: in a folder of its own among the temporary files
    init(_ arguments: [String] = ["--demo", "--test-clock", "10"], in directory: String? = nil) throws {
        let directory = directory ?? NSTemporaryDirectory() + "tandem-end-to-end-\(UUID().uuidString)"
        self.directory = directory
        self.arguments = arguments
        sheet = directory + "/demo.json"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// The folder where the test's own programs are.
    static var programs: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: ".build/debug")
    }

    /// Starts it on a port of the system's choice and waits until it says that it is ready.
    func start() throws {
        try launch()
        try waitUntilReady()
    }

    /// Starts it; it may be waiting for others.
    func launch() throws {
        process = Program()
        let program = Self.programs.appending(path: program)
        let words = ["--directory", directory] + common + arguments
        var limits = ""
        if let descriptors { limits += "ulimit -Sn \(descriptors.soft); ulimit -Hn \(descriptors.hard); " }
        if let fileBytesMax { limits += "trap '' XFSZ; ulimit -f \(fileBytesMax / 1_024); " }
        if limits.isEmpty {
            process.executableURL = program
            process.arguments = words
        } else {
            process.executableURL = URL(fileURLWithPath: "/bin/bash")
            process.arguments = ["-c", limits + "exec \"$0\" \"$@\"", program.path] + words
        }
        process.environment = Program.withoutBacktraces
        let output = OutputPipe()
        // Both, or a node that outlives a test process that crashed keeps the pipe of whoever reads the tests.
        process.standardOutput = output.fileHandleForWriting
        process.standardError = output.fileHandleForWriting
        lines = LineReader()
        try process.run()
        lines.follow(output.fileHandleForReading)
    }

    /// Waits until it says that it is ready.
    func waitUntilReady() throws { try learnPort { $0.contains("ready on http") } }

    /// Waits until it answers, ready or not.
    func waitUntilServing() throws { try learnPort { $0.contains("serving http") } }

    private func learnPort(_ isWanted: (String) -> Bool) throws {
        let line = try lines.wait(seconds: 120, for: isWanted)
        guard let number = line.split(separator: "://127.0.0.1:").last?.prefix(while: \.isNumber),
            let port = UInt16(number)
        else { throw Trouble(description: "no port in \(line)") }
        self.port = port
    }

    /// Asks whether it takes commands until the answer is as wanted.
    func wait(untilReady wanted: Bool) throws {
        try eventually(or: "readyz stays \(!wanted): \(send("GET", "/readyz").text)") {
            try (send("GET", "/readyz").status == 200) == wanted ? true : nil
        }
    }

    var isRunning: Bool { process.isRunning }

    /// As a power cut would, for the process.
    func kill() { process.kill() }

    /// Stops the process where it stands, or lets it go on.
    func pause() { process.signal(SIGSTOP) }
    func goOn() { process.signal(SIGCONT) }

    /// As an operator would; returns the exit status.
    func terminate() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Waits for the process to end by itself; true when a signal ended it, as a trap does.
    func hasTrapped() -> Bool {
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal
    }

    /// The command line, asking this node with one of the demonstration's tokens; returns what it printed.
    ///
    /// - Throws: what it complained of, when it was refused.
    @discardableResult
    func tandem(_ words: String..., as role: String = "operator") throws -> String {
        try Self.tandem(words + ["--address", "http://127.0.0.1:\(port)", "--token-file", "\(sheet):\(role)"])
    }

    /// The same, of what it prints for programs.
    func told(_ words: String..., as role: String = "operator") throws -> JSONValue {
        let asked = words + ["--json", "--address", "http://127.0.0.1:\(port)", "--token-file", "\(sheet):\(role)"]
        return try JSONValue(parsing: Array(Self.tandem(asked).trimmingCharacters(in: .newlines).utf8))
    }

    static func tandem(_ words: [String]) throws -> String {
        let run = try ProgramRun(programs.appending(path: "tandem").path, words, apart: true)
        guard run.status == 0 else { throw Trouble(description: "tandem \(words): \(run.output)\(run.errors)") }
        return run.output
    }

    /// Waits until it has said something, as its last words come a moment after its end.
    func hears(_ words: String) throws { _ = try lines.wait(seconds: 60) { $0.contains(words) } }

    /// What it has said so far.
    var said: [String] { lines.all }

    func demo() throws -> JSONValue {
        try JSONValue(parsing: Array(try Data(contentsOf: URL(fileURLWithPath: sheet))))
    }

    /// Sends a request and returns the answer's JSON; anything but 2xx is an error unless it is expected.
    @discardableResult
    func call(
        _ method: String, _ path: String, token: String? = nil, body: String? = nil, expecting status: Int? = nil,
        key: String? = nil
    ) throws -> JSONValue {
        let response = try send(method, path, token: token, body: body, key: key)
        guard status.map({ $0 == response.status }) ?? (200..<300).contains(response.status) else {
            throw Trouble(description: "\(method) \(path): \(response.status) \(response.text)")
        }
        return response.body.isEmpty ? .null : try JSONValue(parsing: response.body)
    }

    /// - Parameter key: nil: one of its own, but for reading
    func send(
        _ method: String, _ path: String, token: String? = nil, body: String? = nil, key: String? = nil,
        headers: HTTPHeaders = .none
    ) throws -> HTTPResponse {
        let key = key ?? (method == "GET" ? nil : UUID().uuidString)
        let client = try HTTPClient(host: "127.0.0.1", port: port)
        return try client.send(
            HTTPClientRequest(method, path, token: token, body: body, key: key, headers: headers))
    }
}
