internal import Foundation
internal import Glibc
internal import TandemAPI
internal import TandemTransport
internal import TestPrograms

/// A cluster of real `tandemd` processes on loopback, from the folder that this program is in; ended with it, also when that
/// is killed.
final class NodeProcesses {
    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    let addresses: [SocketAddress]
    private(set) var programs: [Program] = []
    private let clients: [HTTPClient]
    /// The nodes' folders are in it.
    private let directory: String
    private let members: String
    private let executable: URL
    private var token = ""

    /// Starts so many nodes and waits until all are ready.
    init(_ count: Int, in directory: String) async throws {
        self.directory = directory
        executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("tandemd")
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw Trouble(description: "\(executable.path) is not there: swift build -c release --product tandemd")
        }
        let ports = try FreePorts.find(count * 2)
        members = (0..<count).map { "\($0 + 1)=127.0.0.1:\(ports[$0])" }.joined(separator: ",")
        addresses = try ports[count...].map { port throws(TransportError) in
            try SocketAddress(host: "127.0.0.1", port: port)
        }
        clients = try addresses.map { address throws(TransportError) in
            try HTTPClient(host: "127.0.0.1", port: address.port)
        }
        for place in 0..<count { programs.append(try await start(place)) }
        try waitUntilReady()
        token = try String(contentsOfFile: directory + "/1/administrator-token", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    deinit { end() }

    func end() { for place in programs.indices { kill(place) } }

    func kill(_ place: Int) {
        programs[place].signal(SIGKILL)
        programs[place].waitUntilExit()
    }

    /// As an operator would; waits for its end.
    func terminate(_ place: Int) {
        programs[place].terminate()
        programs[place].waitUntilExit()
    }

    /// After its end, on what it has left.
    func startAgain(_ place: Int) async throws { programs[place] = try await start(place) }

    /// After its end: what it has left moves into another folder, on another disk perhaps, where it goes on.
    func move(_ place: Int, to directory: String) throws {
        let other = "\(directory)/\(place + 1)"
        try FileManager.default.moveItem(atPath: folder(place), toPath: other)
        try FileManager.default.createSymbolicLink(atPath: folder(place), withDestinationPath: other)
    }

    func bind(_ place: Int, to cores: Range<Int>) throws { try Core.bind(programs[place].processIdentifier, to: cores) }

    /// Its thread starts the nodes, which end with it: the threads of tasks come and go.
    private static let starter = Result {
        let loop = try EventLoop(name: "starter")
        loop.start()
        return loop
    }

    private func start(_ place: Int) async throws -> Program {
        let own = folder(place)
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: own + ".log", contents: nil)
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: own + ".log"))
        let program = Program()
        program.nameBound(
            executable,
            [
                "--directory", own, "--node", "\(place + 1)", "--cluster", "bench", "--members", members,
                "--listen", "\(addresses[place])",
            ])
        program.standardOutput = log
        program.standardError = log
        let starter = try Self.starter.get()
        try await withCheckedThrowingContinuation { done in
            starter.run { done.resume(with: Result { try program.run() }) }
        }
        return program
    }

    // MARK: Asking

    func waitUntilReady(seconds: Double = 60) throws {
        let end = EventLoop.monotonicNanoseconds() + UInt64(seconds * 1e9)
        for client in clients {
            while (try? client.send(HTTPClientRequest("GET", "/readyz")))?.status != 200 {
                guard EventLoop.monotonicNanoseconds() < end else {
                    throw Trouble(description: "the cluster was not ready after \(Int(seconds)) s; see \(directory)")
                }
                usleep(20_000)
            }
        }
    }

    /// Asks again, with the same key, while nobody knows or nobody leads.
    func ask(_ method: String, _ path: String, _ body: String? = nil, token: String? = nil, node: Int = 0) throws
        -> JSONValue
    {
        var headers: HTTPHeaders = ["Authorization": "Bearer \(token ?? self.token)"]
        if body != nil { headers.add("Content-Type", "application/json") }
        headers.add("Idempotency-Key", UUID().uuidString)
        let request = HTTPClientRequest(method, path, headers: headers, body: Array((body ?? "").utf8))
        for tried in 1...Self.triesMax {
            let response = try clients[node].send(request)
            if (200..<300).contains(response.status) { return try JSONValue(parsing: response.body) }
            guard [503, 504].contains(response.status), tried < Self.triesMax else {
                throw Trouble(description: "\(method) \(path): \(response.status) \(response.text)")
            }
            usleep(100_000)
        }
        preconditionFailure("the last try returns or throws")
    }

    private static let triesMax = 10

    func make(_ path: String, _ body: String, _ field: String = "id", token: String? = nil) throws -> String {
        guard let text = try ask("POST", path, body, token: token)[field]?.text else {
            throw Trouble(description: "POST \(path) gave no \(field)")
        }
        return text
    }

    /// A node's partitions, as it has them itself.
    func partitions(node: Int) throws -> [Partition] {
        let lines = try ask("GET", "/v1/partitions", node: node)["partitions"]?.elements ?? []
        return lines.compactMap { line in
            guard let number = line["partition"]?.whole, let applied = line["applied"]?.whole else { return nil }
            return Partition(
                number: UInt16(number), isLed: line["phase"]?.text == "leading", applied: UInt64(applied))
        }
    }

    struct Partition {
        let number: UInt16
        let isLed: Bool
        let applied: UInt64
    }

    // MARK: Read models

    /// A node's data directory.
    func folder(_ place: Int) -> String { "\(directory)/\(place + 1)" }

    /// Waits until every node's read model has what is committed now anywhere.
    func waitUntilWritten(seconds: Double = 60) throws {
        let end = EventLoop.monotonicNanoseconds() + UInt64(seconds * 1e9)
        var goal: [UInt16: UInt64] = [:]
        for place in programs.indices {
            for partition in try partitions(node: place) {
                goal[partition.number] = max(goal[partition.number] ?? 0, partition.applied)
            }
        }
        for place in programs.indices {
            let model = try NodeReadModel(directory: folder(place), partitions: goal.keys.sorted())
            while case let applied = try model.applied(), goal.contains(where: { applied[$0.key] ?? 0 < $0.value }) {
                guard EventLoop.monotonicNanoseconds() < end else {
                    throw Trouble(description: "node \(place + 1) has not written its read model in \(Int(seconds)) s")
                }
                usleep(5_000)
            }
        }
    }

    // MARK: Cost

    /// What a node's process has used of the processor, in seconds.
    func processorSeconds(_ place: Int) throws -> Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(programs[place].processIdentifier, &clock) == 0, clock_gettime(clock, &time) == 0
        else { throw Trouble(description: "node \(place + 1) has ended") }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
