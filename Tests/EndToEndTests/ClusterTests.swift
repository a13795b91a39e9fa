import Foundation
import TandemAPI
import TandemTransport
import Testing

/// Three real processes that share every partition's journal.
@Suite("A cluster of three", .serialized)
struct ClusterTests {
    @Test("What one node was told is read on every other, and the loss of the leader is a pause")
    func leaderLost() throws {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        let (_, made) = try cluster.write(
            "/v1/conversations", demo.opening("support"), token: demo.customer, among: [1, 2, 3])
        let conversation = try #require(made["id"]?.text)
        let messages = "/v1/conversations/\(conversation)/messages"
        for number in 1...5 {
            // Whichever node is told: it hands it to whoever leads.
            try cluster[UInt32(number % 3 + 1)].call(
                "POST", messages, token: demo.customer, body: "{\"text\":\"\(number)\"}")
            for node in UInt32(1)...3 {
                // At once, whichever node: a read has seen what was acknowledged before it.
                let seen = try cluster[node].call(
                    "GET", "/v1/conversations/\(conversation)/transcript", token: demo.supervisor)
                #expect(seen["items"]?.elements?.compactMap { $0["text"]?.text } == (1...number).map { "\($0)" })
            }
        }

        let leader = try #require(try cluster.leader(demo, asking: 2))
        let left = UInt32(1)...3
        let survivors = left.filter { $0 != leader }
        cluster[leader].kill()
        // Nobody leads for a moment: that is a pause, not an error.
        for node in survivors {
            let seen = try cluster[node].call(
                "GET", "/v1/conversations/\(conversation)/transcript", token: demo.supervisor)
            #expect(seen["items"]?.elements?.count == 5)
        }
        let sixth = try cluster[survivors[0]].call(
            "POST", messages, token: demo.customer, body: "{\"text\":\"6\"}")
        #expect(sixth["sequence"]?.whole == 6)
        let heir = try #require(try cluster.leader(demo, asking: survivors[0]))
        #expect(survivors.contains(heir))

        // It comes back and is told what it missed before it calls itself ready.
        try cluster[leader].start()
        let seen = try cluster[leader].call(
            "GET", "/v1/conversations/\(conversation)/transcript", token: demo.supervisor)
        #expect(seen["items"]?.elements?.compactMap { $0["text"]?.text } == (1...6).map { "\($0)" })
        for number in left { #expect(cluster[number].terminate() == 0) }
    }

    @Test("Any node tells of actors and timers, wherever they are led, and of its own threads")
    func told() throws {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        let (_, made) = try cluster.write(
            "/v1/conversations", demo.opening("support"), token: demo.customer, among: [1, 2, 3])
        let conversation = try #require(made["id"]?.text)
        let leader = try #require(try cluster.leader(demo, asking: 1))
        func actors(_ node: UInt32) throws -> [String] {
            try cluster[node].told("actors", "--kind", "conversation")["items"]?.elements?.compactMap {
                $0["actor"]?.text
            }
                ?? []
        }
        func timers(_ node: UInt32) throws -> [JSONValue] {
            let all = try cluster[node].told("timers", "--limit", "500")["items"]?.elements ?? []
            return all.filter { $0["actor"]?.text == conversation }
        }
        let due = try timers(leader)
        #expect(!due.isEmpty, "what was promised to who waits")
        for node in cluster.numbers {
            try eventually(is: [conversation]) { try actors(node) }
            #expect(try timers(node) == due)
            #expect(try cluster[node].told("actor", "show", conversation)["isInMemory"] == .boolean(true))
            #expect(try cluster[node].tandem("quarantine") == "nothing\n")
            #expect(try cluster[node].tandem("tree").hasPrefix("node \(node)\n"))
            let status = try cluster[node].told("status")
            #expect(status["node"]?.whole == Int64(node) && status["isReady"] == .boolean(true))
        }
        for number in cluster.numbers { #expect(cluster[number].terminate() == 0) }
    }

    @Test("A node whose disk was wiped is refused as who it was, and the others go on")
    func wiped() throws {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        #expect(cluster[3].terminate() == 0)
        try FileManager.default.removeItem(atPath: cluster[3].directory)
        try FileManager.default.createDirectory(atPath: cluster[3].directory, withIntermediateDirectories: true)
        try cluster[3].launch()
        try cluster[3].hears("its journal was wiped or replaced")
        try cluster[3].waitUntilServing()
        #expect(try cluster[3].send("GET", "/readyz").status == 503)
        _ = try cluster.write(
            "/v1/conversations", demo.opening("sales"), token: demo.customer, among: [1, 2])
        #expect(!cluster[3].said.contains { $0.contains("ready on") })
        for number in UInt32(1)...3 { #expect(cluster[number].terminate() == 0) }
    }

    @Test("A node that waits for a majority says so, answers, and ends when it is asked to")
    func waiting() throws {
        let cluster = try DaemonCluster()
        try cluster[2].launch()
        try cluster[2].hears("looking for a majority of 3 nodes")
        try cluster[2].waitUntilServing()
        #expect(try cluster[2].send("GET", "/livez").status == 200)
        let ready = try cluster[2].send("GET", "/readyz")
        #expect(ready.status == 503)
        #expect(ready.text.contains("no leader is known"))
        #expect(cluster[2].terminate() == 0)
        #expect(!cluster[2].said.contains { $0.contains("ready on") })
    }

    @Test("A node that is cut off believes tokens for a while only, but tells operators how it stands")
    func cutOff() throws {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        func report(_ query: String = "") throws -> Int {
            try cluster[3].send("GET", "/v1/reports" + query, token: demo.supervisor).status
        }
        // What it knows is young enough for who asks for no more, while it believes his token: for ten seconds. A machine
        // that is busy for longer in between is given another chance.
        try eventually(within: 300, or: "what it knows is never young enough") { () -> Bool? in
            for number in [1, 2] as [UInt32] where !cluster[number].isRunning { try cluster[number].launch() }
            try cluster[3].wait(untilReady: true)
            #expect(try report() == 200)
            cluster[1].kill()
            cluster[2].kill()
            try cluster[3].wait(untilReady: false)
            // Did it lead itself, it has first to notice that it does no more.
            let lost = ContinuousClock.now
            while try report("?stale=60") != 200 {
                guard lost.duration(to: .now) < .seconds(10) else { return nil }
            }
            return true
        }
        #expect(try report() == 503)
        try eventually(is: 503) {
            let status = try report("?stale=60")
            #expect(status == 200 || status == 503)
            return status
        }
        let partitions = try cluster[3].call("GET", "/v1/partitions", token: demo.operator)
        #expect(partitions["partitions"]?.elements?.allSatisfy { $0["leader"] == nil } == true)
        #expect(try cluster[3].tandem("nodes").contains("gone"))
        #expect(try cluster[3].send("GET", "/v1/partitions", token: demo.supervisor).status == 403)
        let metrics = try cluster[3].send("GET", "/metrics").text
        #expect(metrics.contains("tandem_partition_leader_known{partition=\"0\"} 0"))
        #expect(metrics.contains("tandem_partition_served{partition=\"1\"} 0"))
        #expect(cluster[3].terminate() == 0)
    }
}
