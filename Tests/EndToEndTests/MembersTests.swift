import Foundation
import TandemAPI
import TandemTransport
import TestPrograms
import Testing

/// Nodes that come and go, as real processes.
@Suite("Members come and go", .serialized)
struct MembersTests {
    private func administrator(_ node: Daemon) throws -> String {
        try #require(try node.demo()["administrator"]?.text)
    }

    /// A node that asks `member` to let it join; nothing runs yet.
    private func joiner(_ number: UInt32, _ port: UInt16, of member: Daemon, with tokens: Daemon) throws -> Daemon {
        try Daemon([
            "--node", "\(number)", "--join", "http://127.0.0.1:\(member.port)", "--join-token-file",
            tokens.directory + "/demo.json:administrator", "--peer-listen", "127.0.0.1:\(port)",
        ])
    }

    /// Waits until every node has the role that is wanted of it.
    private func wait(_ asked: Daemon, _ token: String, until wanted: [UInt32: String]) throws {
        let deadline = Date(timeIntervalSinceNow: 60)
        while true {
            let roles = try self.roles(asked, token)
            if roles == wanted { return }
            guard Date() < deadline else { throw Daemon.Trouble(description: "\(roles), not \(wanted)") }
        }
    }

    private func roles(_ asked: Daemon, _ token: String) throws -> [UInt32: String] {
        let nodes = try asked.call("GET", "/v1/nodes", token: token)["items"]?.elements ?? []
        var roles: [UInt32: String] = [:]
        for node in nodes { roles[UInt32(node["node"]?.number ?? 0)] = node["role"]?.text }
        return roles
    }

    /// Makes a customer, trying again under the same key while nobody leads, and says what it is called.
    private func write(_ name: String, to node: Daemon, _ demo: Demo) throws -> String {
        let deadline = Date(timeIntervalSinceNow: 30)
        let headers = [("Idempotency-Key", UUID().uuidString)]
        let body = "{\"name\":\"\(name)\",\"tier\":\"normal\"}"
        while true {
            let answer = try node.send("POST", "/v1/customers", token: demo.supervisor, body: body, headers: headers)
            if (200..<300).contains(answer.status) {
                return try #require(try JSONValue(parsing: answer.body)["id"]?.text)
            }
            guard [503, 504].contains(answer.status), Date() < deadline else {
                throw Daemon.Trouble(description: "\(answer.status) \(answer.text)")
            }
        }
    }

    @Test("A node alone grows to three under writes by one command per node; nothing is lost when the first dies")
    func grows() throws {
        let ports = try FreePorts.find(3)
        let first = try Daemon(["--demo", "--peer-listen", "127.0.0.1:\(ports[0])"])
        try first.start()
        let demo = try Demo(first)
        let token = try administrator(first)
        var made: [String] = []
        for number in 0..<20 { made.append(try write("Before \(number)", to: first, demo)) }
        let second = try joiner(2, ports[1], of: first, with: first)
        let third = try joiner(3, ports[2], of: first, with: first)
        try second.launch()
        for number in 0..<20 { made.append(try write("Meanwhile \(number)", to: first, demo)) }
        try second.waitUntilReady()
        try third.launch()
        for number in 0..<20 { made.append(try write("Later \(number)", to: first, demo)) }
        try third.waitUntilReady()
        try wait(first, token, until: [1: "serving", 2: "serving", 3: "serving"])
        made.append(try write("Last", to: first, demo))
        // Three votes: the loss of any is a pause.
        let deadline = Date(timeIntervalSinceNow: 30)
        while try votes(first, token) != 3, Date() < deadline {}
        #expect(try votes(first, token) == 3)
        #expect(try second.call("GET", "/v1/cluster", token: token)["replicas"]?.number == 3)
        let more = try third.call("PUT", "/v1/cluster/replicas", token: token, body: "{\"replicas\":5}")
        #expect(more["replicas"]?.number == 5, "three vote until there are five")
        first.kill()
        made.append(try writeAmong([second, third], "Without the first", demo))
        for customer in made {
            #expect(try third.send("GET", "/v1/customers/\(customer)", token: demo.supervisor).status == 200)
        }
        // Started again it needs no --join; the founder is a node like the others.
        #expect(third.terminate() == 0)
        try first.start()
        try third.start()
        made.append(try writeAmong([first, second, third], "Together", demo))
        for node in [first, second, third] { #expect(node.terminate() == 0) }
    }

    private func votes(_ node: Daemon, _ token: String) throws -> Int {
        let found = try node.call("GET", "/v1/partitions", token: token)
        return found["partitions"]?.elements.compactMap { $0["voters"]?.elements.count }.min() ?? 0
    }

    private func writeAmong(_ nodes: [Daemon], _ name: String, _ demo: Demo) throws -> String {
        let deadline = Date(timeIntervalSinceNow: 30)
        let headers = [("Idempotency-Key", UUID().uuidString)]
        let body = "{\"name\":\"\(name)\",\"tier\":\"normal\"}"
        while true {
            for node in nodes {
                let answer = try node.send(
                    "POST", "/v1/customers", token: demo.supervisor, body: body, headers: headers)
                if (200..<300).contains(answer.status) {
                    return try #require(try JSONValue(parsing: answer.body)["id"]?.text)
                }
            }
            guard Date() < deadline else { throw Daemon.Trouble(description: "nobody takes \(name)") }
        }
    }

    @Test("A wiped node comes back by one command, another is drained and removed, and says so")
    func replacedAndRemoved() throws {
        let ports = try FreePorts.find(3)
        let members = ports.enumerated().map { "\($0.offset + 1)=127.0.0.1:\($0.element)" }.joined(separator: ",")
        var nodes: [Daemon] = []
        for number in 1...3 {
            nodes.append(
                try Daemon(
                    ["--node", "\(number)", "--cluster", "test", "--members", members] + (number == 1 ? ["--demo"] : [])
                ))
        }
        for node in nodes { try node.launch() }
        for node in nodes { try node.waitUntilReady() }
        let demo = try Demo(nodes[0])
        let token = try administrator(nodes[0])
        let before = try writeAmong(nodes, "Before", demo)
        try wait(nodes[1], token, until: [1: "serving", 2: "serving", 3: "serving"])

        // While it is there nobody else comes as node 3.
        let impostor = try joiner(3, try FreePorts.find(1)[0], of: nodes[0], with: nodes[0])
        try impostor.launch()
        try impostor.hears("is there, with another disk")
        nodes[2].kill()
        let back = try joiner(3, ports[2], of: nodes[1], with: nodes[0])
        try back.launch()
        try back.waitUntilReady()
        try wait(nodes[1], token, until: [1: "serving", 2: "serving", 3: "serving"])
        #expect(try back.send("GET", "/v1/customers/\(before)", token: demo.supervisor).status == 200)

        // Whoever may, on any node; operators may not.
        #expect(try nodes[1].send("POST", "/v1/nodes/1/remove", token: demo.operator).status == 403)
        _ = try back.call("POST", "/v1/nodes/1/drain", token: token)
        let deadline = Date(timeIntervalSinceNow: 30)
        while try leads(1, asking: back, token) > 0, Date() < deadline {}
        #expect(try leads(1, asking: back, token) == 0)
        _ = try back.call("POST", "/v1/nodes/1/remove", token: token)
        try nodes[0].hears("node 1 was removed from cluster test")
        let after = try writeAmong([nodes[1], back], "After", demo)
        #expect(try nodes[1].send("GET", "/v1/customers/\(after)", token: demo.supervisor).status == 200)
        // Of the two that are left neither can be spared while the other is away.
        nodes[1].kill()
        let refused = try back.send("POST", "/v1/nodes/3/remove", token: token)
        #expect(refused.status == 409 || refused.status == 503, "\(refused.text)")
        _ = back.terminate()
    }

    private func leads(_ node: UInt32, asking asked: Daemon, _ token: String) throws -> Int {
        let found = try asked.call("GET", "/v1/partitions", token: token)
        return found["partitions"]?.elements.count { $0["leader"]?.number == Int64(node) } ?? -1
    }
}
