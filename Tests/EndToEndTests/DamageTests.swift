import Foundation
import TandemAPI
import TandemTransport
import TestPrograms
import Testing

/// Real nodes whose files are damaged, while they are down or at work.
@Suite("Damaged files", .serialized)
struct DamageTests {
    /// Three nodes, one of them stopped after some writes; `name` is in an entry of the journal in the middle of them.
    private func cluster(_ name: String) throws -> (DaemonCluster, Demo) {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        for number in 0..<30 { try write(cluster, demo, "Customer \(number)") }
        try write(cluster, demo, name)
        for number in 30..<60 { try write(cluster, demo, "Customer \(number)") }
        try settle(cluster, demo, [1, 2, 3])
        #expect(cluster[3].terminate() == 0)
        try write(cluster, demo, "Meanwhile", among: [1, 2])
        return (cluster, demo)
    }

    private func write(_ cluster: DaemonCluster, _ demo: Demo, _ name: String, among: [UInt32] = [1, 2, 3]) throws {
        _ = try cluster.write(
            "/v1/customers", "{\"name\":\"\(name)\",\"tier\":\"normal\"}", token: demo.supervisor, among: among)
    }

    private func settle(_ cluster: DaemonCluster, _ demo: Demo, _ nodes: [UInt32]) throws {
        try Daemon.agree(nodes.map { cluster[$0] }, demo)
    }

    /// What a node has after it was damaged and started again is what the others have, and it says what it did.
    private func expectHealed(_ cluster: DaemonCluster, _ demo: Demo, says words: [String]) throws {
        try cluster[3].launch()
        for words in words { try cluster[3].hears(words) }
        try cluster[3].waitUntilReady()
        try settle(cluster, demo, [1, 2, 3])
        try write(cluster, demo, "Afterwards")
        try settle(cluster, demo, [1, 2, 3])
        let verified = try cluster[3].call("POST", "/v1/node/journal/verify", token: demo.administrator)
        #expect(verified["isSound"] == .boolean(true))
        let metrics = try cluster[3].send("GET", "/metrics", token: demo.operator).text
        #expect(metrics.contains("tandem_journal_damaged{partition=\"\(demo.partition)\"} 0"))
        // And once more, with what is left of the damage in its files.
        #expect(cluster[3].terminate() == 0)
        try cluster[3].start()
        try settle(cluster, demo, [1, 2, 3])
        #expect(!cluster[3].said.contains { $0.contains("damaged") })
    }

    private func segment(_ daemon: Daemon) -> String { daemon.directory + "/journal/journal-000001.sqlite" }

    @Test("A byte of an entry: the node says so, gets the entry back from the others, and is as they are")
    func entry() throws {
        let (cluster, demo) = try cluster("Needle")
        let path = segment(cluster[3])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let place = try #require(bytes.range(of: Data("Needle".utf8)))
        try Rot.change(path, at: place.lowerBound, [UInt8(ascii: "B")])
        try expectHealed(cluster, demo, says: ["fails its checksum", "whole again"])
    }

    @Test("A page of the journal: the node knows what was in it, and gets it back")
    func page() throws {
        let (cluster, demo) = try cluster("Needle")
        let path = segment(cluster[3])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let place = try #require(bytes.range(of: Data("Needle".utf8)))
        try Rot.change(path, at: place.lowerBound / 4_096 * 4_096, [UInt8](repeating: 0x55, count: 4_096))
        try expectHealed(cluster, demo, says: ["its journal is damaged", "whole again"])
    }

    @Test(
        "Entries under a running node, in the file that it writes and in a closed one: they are found, told and given back"
    )
    func atWork() throws {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        for name in ["Early", "Between", "Needle", "Late"] { try write(cluster, demo, name) }
        try settle(cluster, demo, [1, 2, 3])
        func verify() throws -> JSONValue {
            try cluster[3].call("POST", "/v1/node/journal/verify", token: demo.administrator)
        }
        // Behind the first damage the journal goes on in another file.
        for (times, word) in zip(1..., ["Needle", "Early"]) {
            #expect(try Rot.strike(word, below: cluster[3].directory) > 0)
            #expect(try verify()["isSound"] == .boolean(false))
            try eventually(is: times) { cluster[3].said.count { $0.contains("whole again") } }
            #expect(cluster[3].said.count { $0.contains("its journal is damaged (entry ") } == times)
            try write(cluster, demo, "After \(word)")
            try settle(cluster, demo, [1, 2, 3])
            #expect(try verify()["isSound"] == .boolean(true))
        }
        for node in [1, 2] as [UInt32] { #expect(!cluster[node].said.contains { $0.contains("damaged") }) }
        #expect(cluster[3].terminate() == 0)
        try cluster[3].start()
        try settle(cluster, demo, [1, 2, 3])
    }

    @Test("The store of a partition, its journal uncut: it is made anew from that")
    func store() throws {
        let (cluster, demo) = try cluster("Needle")
        try Rot.change(
            cluster[3].directory + "/partition-\(demo.partition)/state.sqlite", at: 0,
            [UInt8](repeating: 0x55, count: 8_192))
        try expectHealed(cluster, demo, says: ["it is made anew from the journal"])
    }

    @Test("Alone, nothing is guessed: a node with a damaged journal does not start, and says what to do")
    func alone() throws {
        let daemon = try Daemon(["--demo"])
        try daemon.start()
        let demo = try Demo(daemon)
        try daemon.call(
            "POST", "/v1/customers", token: demo.supervisor, body: #"{"name":"Needle","tier":"normal"}"#)
        #expect(daemon.terminate() == 0)
        let path = segment(daemon)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let place = try #require(bytes.range(of: Data("Needle".utf8)))
        try Rot.change(path, at: place.lowerBound, [UInt8(ascii: "B")])
        try daemon.launch()
        try daemon.hears("no other node has what is lost: restore the directory from a backup")
        #expect(!daemon.hasTrapped())
        // What is there is left as it is.
        try Rot.change(path, at: place.lowerBound, [UInt8(ascii: "N")])
        try daemon.start()
    }
}
