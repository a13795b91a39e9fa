import Foundation
import TandemAPI
import TandemTransport
import TestPrograms
import Testing

/// Nodes that come and go, as real processes, on the word of an operator at the command line.
@Suite("Members come and go", .serialized)
struct MembersTests {
    private let allServe: [UInt32: String] = [1: "serving", 2: "serving", 3: "serving"]

    private func isThere(_ customer: String, at node: Daemon, _ demo: Demo) throws -> Bool {
        try node.send("GET", "/v1/customers/\(customer)", token: demo.supervisor).status == 200
    }

    @Test("A node alone grows to three under writes by one command per node; nothing is lost when the first dies")
    func grows() throws {
        let ports = try FreePorts.find(3)
        let first = try Daemon(["--demo", "--peer-listen", "127.0.0.1:\(ports[0])"])
        try first.start()
        let demo = try Demo(first)
        var made: [String] = []
        func make(_ name: String, among nodes: [Daemon]) throws {
            made.append(try DaemonCluster.makeCustomer(name, demo, among: nodes))
        }
        for number in 0..<20 { try make("Before \(number)", among: [first]) }
        let second = try Daemon.joining(first, as: 2, at: ports[1])
        let third = try Daemon.joining(first, as: 3, at: ports[2])
        try second.launch()
        for number in 0..<20 { try make("Meanwhile \(number)", among: [first]) }
        try second.waitUntilReady()
        try third.launch()
        for number in 0..<20 { try make("Later \(number)", among: [first]) }
        try third.waitUntilReady()
        try eventually(is: allServe) { try first.roles() }
        try make("Last", among: [first])
        // Three votes: the loss of any is a pause.
        try eventually(is: 3) { try first.votes() }
        #expect(try second.told("cluster")["replicas"]?.whole == 3)
        let more = try third.told("replicas", "set", "5", as: "administrator")
        #expect(more["replicas"]?.whole == 5, "three vote until there are five")
        #expect {
            try third.tandem("replicas", "set", "4", as: "administrator")
        } throws: {
            "\($0)".contains("the node refused (400)") && "\($0)".contains("3 or 5")
        }
        first.kill()
        try make("Without the first", among: [second, third])
        for customer in made { #expect(try isThere(customer, at: third, demo)) }
        // Started again it needs no --join; the founder is a node like the others.
        #expect(third.terminate() == 0)
        try first.start()
        try third.start()
        try make("Together", among: [first, second, third])
        for node in [first, second, third] { #expect(node.terminate() == 0) }
    }

    @Test("A node whose disk was voided comes back by one command, another is drained and removed, and says so")
    func replacedAndRemoved() throws {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        let (first, second) = (cluster[1], cluster[2])
        let before = try DaemonCluster.makeCustomer("Before", demo, among: [first, second, cluster[3]])
        try eventually(is: allServe) { try second.roles() }
        let ada = try Live(cluster[3], "/v1/live/agent", token: demo.agents[0])
        try ada.ask("presence", "\"state\":\"available\"")

        // While it is there nobody else comes as node 3.
        let impostor = try Daemon.joining(first, as: 3, at: try FreePorts.find(1)[0])
        try impostor.launch()
        try impostor.hears("is there, with another disk")
        cluster[3].kill()
        func disk() throws -> String? {
            let told = try second.told("cluster", as: "administrator")
            return told["nodes"]?.elements?.first { $0["node"]?.whole == 3 }?["disk"]?.text
        }
        #expect(try disk() != nil)
        try second.tandem("node", "replace", "3", as: "administrator")
        try eventually(is: nil) { try disk() }
        let back = try Daemon.joining(second, as: 3, at: cluster.ports[2])
        try back.launch()
        try back.waitUntilReady()
        try eventually(is: allServe) { try second.roles() }
        #expect(try isThere(before, at: back, demo))
        // Its disk counts its starts from one again, as the first did: nobody takes the old one's sessions for its own.
        try eventually(is: "offline") {
            try second.call("GET", "/v1/agents/\(demo.agentIDs[0])", token: demo.supervisor)["presence"]?.text
        }

        // Whoever may, on any node; operators may drain, and are not told what a disk is told apart by.
        #expect {
            try second.tandem("node", "remove", "1")
        } throws: {
            "\($0)".contains("the node refused (403)")
        }
        let drained = try back.tandem("node", "drain", "1")
        #expect(drained.contains("draining") && !drained.contains("DISK"), "\(drained)")
        #expect(try !back.tandem("cluster").contains("DISK"))
        try eventually(is: 0) { try back.ledPartitions(by: 1) }
        try back.tandem("node", "remove", "1", as: "administrator")
        try first.hears("node 1 was removed from cluster test")
        let after = try DaemonCluster.makeCustomer("After", demo, among: [second, back])
        #expect(try isThere(after, at: second, demo))
        // Of the two that are left neither can be spared while the other is away.
        second.kill()
        #expect {
            try back.tandem("node", "remove", "3", as: "administrator")
        } throws: { error in
            ["(409)", "(503)"].contains { "\(error)".contains("the node refused \($0)") }
        }
        _ = back.terminate()
    }

    @Test("A node whose journal is an older copy takes part no more as who it was, and comes back by one command")
    func short() throws {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        let others = [cluster[1], cluster[2]]
        var made = [try DaemonCluster.makeCustomer("Early", demo, among: others)]
        try Daemon.agree(others + [cluster[3]], demo)
        #expect(cluster[3].terminate() == 0)
        let (files, directory) = (FileManager.default, cluster[3].directory)
        let copy = directory + "-copy"
        try files.copyItem(atPath: directory, toPath: copy)
        defer { try? files.removeItem(atPath: copy) }

        try cluster[3].start()
        for number in 0..<20 { made.append(try DaemonCluster.makeCustomer("Late \(number)", demo, among: others)) }
        // All three have it: the third has acknowledged it.
        try Daemon.agree(others + [cluster[3]], demo)
        cluster[3].kill()
        // In place of the newer files; the mark beside them stays.
        let mark = "/journal/journal.mark"
        try files.removeItem(atPath: copy + mark)
        try files.copyItem(atPath: directory + mark, toPath: copy + mark)
        try files.removeItem(atPath: directory)
        try files.copyItem(atPath: copy, toPath: directory)
        try cluster[3].launch()
        try cluster[3].hears("this node cannot come back as who it was")
        #expect(!cluster[3].hasTrapped())
        made.append(try DaemonCluster.makeCustomer("Meanwhile", demo, among: others))

        let back = try Daemon.joining(cluster[1], as: 3, at: cluster.ports[2])
        try back.start()
        try eventually(is: allServe) { try cluster[1].roles() }
        for customer in made { #expect(try isThere(customer, at: back, demo)) }
        try Daemon.agree(others + [back], demo)
        for node in others + [back] { #expect(node.terminate() == 0) }
    }

    @Test("Five nodes that all vote serve their clients on while two of them are dead")
    func five() throws {
        let cluster = try DaemonCluster(of: 5) { _ in ["--replicas", "5"] }
        let demo = try cluster.start()
        #expect(try cluster[5].told("cluster")["replicas"]?.whole == 5)
        #expect(try cluster[4].votes() == 5)
        let all = cluster.numbers.map { cluster[$0] }
        let before = try DaemonCluster.makeCustomer("Before", demo, among: all)
        let leader = try #require(try cluster.leader(demo, asking: 1))
        let dead = [leader, leader == 5 ? 1 : leader + 1]
        for number in dead { cluster[number].kill() }
        let left = cluster.numbers.filter { !dead.contains($0) }.map { cluster[$0] }
        for (number, node) in left.enumerated() {
            let made = try DaemonCluster.makeCustomer("Without two, \(number)", demo, among: [node])
            for other in left { #expect(try isThere(made, at: other, demo) && isThere(before, at: other, demo)) }
        }
        try Daemon.agree(left, demo)
        for node in left { #expect(node.terminate() == 0) }
    }
}
