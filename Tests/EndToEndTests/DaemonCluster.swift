import Foundation
import TandemAPI
import TandemTransport
import TestPrograms

/// Three nodes of one cluster by number, each a real process; nothing runs before it is started.
struct DaemonCluster {
    let nodes: [UInt32: Daemon]
    /// Where they reach one another, in the order of their numbers.
    let ports: [UInt16]

    /// - Parameter more: what a node is started with beside.
    init(_ more: (UInt32) -> [String] = { _ in [] }) throws {
        let ports = try FreePorts.find(3)
        self.ports = ports
        let members = ports.enumerated().map { "\($0.offset + 1)=127.0.0.1:\($0.element)" }.joined(separator: ",")
        var nodes: [UInt32: Daemon] = [:]
        for number in UInt32(1)...3 {
            let demo = number == 1 ? ["--demo"] : []
            nodes[number] = try Daemon(
                ["--node", "\(number)", "--cluster", "test", "--members", members] + demo + more(number))
        }
        self.nodes = nodes
    }

    subscript(number: UInt32) -> Daemon {
        // Safe: tests ask for 1, 2 and 3.
        nodes[number]!
    }

    func start() throws -> Demo {
        for number in UInt32(1)...3 { try self[number].launch() }
        for number in UInt32(1)...3 { try self[number].waitUntilReady() }
        // The first has made the tokens, which are good on all.
        for number in UInt32(2)...3 {
            try FileManager.default.copyItem(
                atPath: self[1].directory + "/demo.json", toPath: self[number].directory + "/demo.json")
        }
        return try Demo(self[1])
    }

    /// Who leads the demonstration's partition, on the word of one of them.
    func leader(_ demo: Demo, asking node: UInt32) throws -> UInt32? {
        let found = try self[node].call("GET", "/v1/partitions", token: demo.operator)
        let line = found["partitions"]?.elements.first { $0["partition"]?.number == demo.partition }
        return line?["leader"]?.number.map { UInt32($0) }
    }

    /// Hands a write to whoever leads, among some, as soon as somebody does.
    func write(
        _ path: String, _ body: String, token: String, among numbers: [UInt32]
    ) throws -> (node: UInt32, answer: JSONValue) {
        let (place, answer) = try Self.write(path, body, token: token, among: numbers.map { self[$0] })
        return (numbers[place], answer)
    }

    /// The same, with the place of who took it.
    static func write(
        _ path: String, _ body: String, token: String, among nodes: [Daemon]
    ) throws -> (place: Int, answer: JSONValue) {
        let deadline = Date(timeIntervalSinceNow: 30)
        let headers = [("Idempotency-Key", UUID().uuidString)]
        while true {
            var last = ""
            for (place, node) in nodes.enumerated() {
                let response = try node.send("POST", path, token: token, body: body, headers: headers)
                if (200..<300).contains(response.status) {
                    return (place, try JSONValue(parsing: response.body))
                }
                last = "\(response.status) \(response.text)"
                guard [503, 504].contains(response.status) else { throw Daemon.Trouble(description: last) }
            }
            guard Date() < deadline else { throw Daemon.Trouble(description: "nobody takes \(path): \(last)") }
        }
    }
}
