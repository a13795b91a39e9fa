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
    private let nodes: [NodeProcess]
    private let clients: [HTTPClient]
    /// The nodes' folders are in it.
    private let directory: String
    private var token = ""

    /// Starts so many nodes and waits until all are ready.
    init(_ count: Int, in directory: String) throws {
        self.directory = directory
        let executable = Program.own.deletingLastPathComponent().appending(path: "tandemd").path
        guard FileManager.default.isExecutableFile(atPath: executable) else {
            throw Trouble(description: "\(executable) is not there: swift build -c release --product tandemd")
        }
        let ports = try FreePorts.find(count * 2)
        let (peers, own) = (Array(ports[..<count]), Array(ports[count...]))
        nodes = (1...count).map { number in
            NodeProcess(
                number: number, directory: "\(directory)/\(number)", executable: executable,
                clientPort: own[number - 1], peerPort: peers[number - 1],
                arguments: NodeArguments.founding("bench", as: number, peers: peers))
        }
        addresses = try own.map { port throws(TransportError) in try SocketAddress(host: "127.0.0.1", port: port) }
        clients = try own.map { port throws(TransportError) in try HTTPClient(host: "127.0.0.1", port: port) }
        for node in nodes { try node.start() }
        try waitUntilReady()
        token = try TokenFile(nodes[0].directory + "/administrator-token").token()
    }

    subscript(place: Int) -> NodeProcess { nodes[place] }

    func end() { for node in nodes { node.kill() } }

    /// After its end: what it has left moves into another folder, on another disk perhaps, where it goes on.
    func move(_ place: Int, to directory: String) throws {
        let (own, other) = (nodes[place].directory, "\(directory)/\(place + 1)")
        try FileManager.default.moveItem(atPath: own, toPath: other)
        try FileManager.default.createSymbolicLink(atPath: own, withDestinationPath: other)
    }

    func bind(_ place: Int, to cores: Range<Int>) throws { try Core.bind(nodes[place].processIdentifier, to: cores) }

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
        let request = HTTPClientRequest(
            method, path, token: token ?? self.token, body: body, key: UUID().uuidString)
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

    /// Waits until every node's read model has what is committed now anywhere.
    func waitUntilWritten(seconds: Double = 60) throws {
        let end = EventLoop.monotonicNanoseconds() + UInt64(seconds * 1e9)
        var goal: [UInt16: UInt64] = [:]
        for place in nodes.indices {
            for partition in try partitions(node: place) {
                goal[partition.number] = max(goal[partition.number] ?? 0, partition.applied)
            }
        }
        for place in nodes.indices {
            let model = try NodeReadModel(directory: nodes[place].directory, partitions: goal.keys.sorted())
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
        guard clock_getcpuclockid(nodes[place].processIdentifier, &clock) == 0, clock_gettime(clock, &time) == 0
        else { throw Trouble(description: "node \(place + 1) has ended") }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
