import Foundation
import TandemAPI
import TandemTransport
import TestPrograms

/// Nodes of one cluster by number, each a real process; nothing runs before it is started.
struct DaemonCluster {
    let nodes: [UInt32: Daemon]
    /// Where they reach one another, in the order of their numbers.
    let ports: [UInt16]

    /// - Parameters:
    ///   - count: how many found it
    ///   - more: what a node is started with beside
    init(of count: Int = 3, _ more: (UInt32) -> [String] = { _ in [] }) throws {
        let ports = try FreePorts.find(count)
        self.ports = ports
        var nodes: [UInt32: Daemon] = [:]
        for number in 1...UInt32(count) {
            let demo = number == 1 ? ["--demo"] : []
            let founding = NodeArguments.founding("test", as: Int(number), peers: ports)
            let node = try Daemon(founding + demo + more(number))
            // The first makes the tokens.
            node.sheet = nodes[1]?.sheet ?? node.sheet
            nodes[number] = node
        }
        self.nodes = nodes
    }

    var numbers: [UInt32] { nodes.keys.sorted() }

    subscript(number: UInt32) -> Daemon {
        // Safe: tests ask for those that there are.
        nodes[number]!
    }

    func start() throws -> Demo {
        for number in numbers { try self[number].launch() }
        for number in numbers { try self[number].waitUntilReady() }
        return try Demo(self[1])
    }

    /// Who leads the demonstration's partition, on the word of one of them.
    func leader(_ demo: Demo, asking node: UInt32) throws -> UInt32? {
        let found = try self[node].call("GET", "/v1/partitions", token: demo.operator)
        let line = found["partitions"]?.elements?.first { $0["partition"]?.whole == demo.partition }
        return line?["leader"]?.whole.map { UInt32($0) }
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
        let key = UUID().uuidString
        var last = ""
        return try eventually(or: "nobody takes \(path): \(last)") {
            for (place, node) in nodes.enumerated() {
                let response = try node.send("POST", path, token: token, body: body, key: key)
                if (200..<300).contains(response.status) {
                    return (place, try JSONValue(parsing: response.body))
                }
                last = "\(response.status) \(response.text)"
                guard [503, 504].contains(response.status) else { throw Daemon.Trouble(description: last) }
            }
            return nil
        }
    }

    /// Makes a customer, at whichever of some nodes takes it, and says what it is called.
    static func makeCustomer(_ name: String, _ demo: Demo, among nodes: [Daemon]) throws -> String {
        let body = "{\"name\":\"\(name)\",\"tier\":\"normal\"}"
        let made = try write("/v1/customers", body, token: demo.supervisor, among: nodes).answer
        guard let id = made["id"]?.text else { throw Daemon.Trouble(description: "\(made)") }
        return id
    }
}
