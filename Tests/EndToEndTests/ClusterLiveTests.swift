import Foundation
import TandemAPI
import TandemTransport
import Testing

/// What live sessions see of nodes that come and go.
@Suite("Live sessions of a cluster", .serialized)
struct ClusterLiveTests {
    private func sequences(_ live: Live) -> [Int64] {
        live.all.filter { $0["type"]?.text == "message" }.compactMap { $0["sequence"]?.whole }
    }

    /// Of what was committed: in frames about a queue the word means a place.
    private func positions(_ live: Live) -> [Int64] {
        live.all.filter { $0["type"]?.text != "queue" }.compactMap { $0["position"]?.whole }
    }

    /// A cluster, who leads the demonstration's partition, another node, and an agent who is there at the leader's.
    private func atLeader() throws -> (DaemonCluster, Demo, leader: UInt32, other: UInt32, ada: Live) {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        let leader = try #require(try cluster.leader(demo, asking: 1))
        let ada = try Live(cluster[leader], "/v1/live/agent", token: demo.agents[0])
        try ada.ask("presence", "\"state\":\"available\"")
        return (cluster, demo, leader, leader == 1 ? 2 : 1, ada)
    }

    @Test("A session goes on when its partition's leader is lost, and on another node when its own is")
    func goesOn() throws {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        let (_, made) = try cluster.write(
            "/v1/conversations", demo.opening("support"), token: demo.customer, among: [1, 2, 3])
        let conversation = try #require(made["id"]?.text)
        let (messages, path) = (
            "/v1/conversations/\(conversation)/messages", "/v1/live/customer?conversation=\(conversation)"
        )
        func post(_ numbers: ClosedRange<Int>, among nodes: [UInt32]) throws {
            for number in numbers {
                _ = try cluster.write(messages, "{\"text\":\"\(number)\"}", token: demo.customer, among: nodes)
            }
        }
        let leader = try #require(try cluster.leader(demo, asking: 1))
        let followers = (UInt32(1)...3).filter { $0 != leader }
        let live = try Live(cluster[followers[0]], path, token: demo.customer)
        try post(1...5, among: [leader] + followers)
        cluster[leader].kill()
        try post(6...10, among: followers)
        try live.wait("message") { $0["sequence"]?.whole == 10 }
        #expect(sequences(live) == Array(1...10))
        #expect(zip(positions(live), positions(live).dropFirst()).allSatisfy { $0 < $1 })

        try cluster[leader].start()
        try post(11...12, among: [leader] + followers)
        try live.wait("message") { $0["sequence"]?.whole == 12 }
        let position = try #require(positions(live).max())
        cluster[followers[0]].kill()
        let left = [leader, followers[1]]
        try post(13...17, among: left)
        for node in left {
            let resumed = try Live(cluster[node], path + "&resume=\(position)", token: demo.customer)
            try resumed.wait("message") { $0["sequence"]?.whole == 17 }
            #expect(sequences(resumed) == Array(13...17))
        }
        for node in left { #expect(cluster[node].terminate() == 0) }
    }

    @Test("An agent whose node stood still for a while is sent to connect again: he was taken for lost meanwhile")
    func paused() throws {
        let (cluster, demo, leader, other, ada) = try atLeader()
        cluster[leader].pause()
        func presence() throws -> String? {
            try cluster[other].call("GET", "/v1/agents/\(demo.agentIDs[0])", token: demo.supervisor)["presence"]?.text
        }
        try eventually(is: "offline") { try presence() }

        cluster[leader].goOn()
        try ada.wait("reconnect")
        #expect(try ada.waitForEnd().hasPrefix("1012"))
        let heir = try #require(try cluster.leader(demo, asking: other))
        let again = try Live(cluster[heir], "/v1/live/agent", token: demo.agents[0])
        #expect(try presence() == "available")
        try again.ask("presence", "\"state\":\"onBreak\",\"code\":\"tea\"")
        #expect(try presence() == "onBreak")
    }

    @Test("A node that has lost the others for too long sends its clients elsewhere")
    func cutOff() throws {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        let stream = try Live(cluster[3], "/v1/live/events", token: demo.supervisor)
        cluster[1].kill()
        cluster[2].kill()
        try stream.wait("reconnect")
        #expect(try stream.waitForEnd().hasPrefix("1012"))
        // It knows that it hears too few: nobody is kept waiting for an election that cannot be.
        let refused = try cluster[3].send(
            "POST", "/v1/conversations", token: demo.customer, body: demo.opening("support"))
        #expect(refused.status == 503 && refused.text.contains("\"code\":\"cutOff\""), "\(refused.text)")
        #expect(refused.text.contains("Use another node: 1, 2."))
        // The disk of the first is there still: with it there is a majority, and all is as before.
        try cluster[1].start()
        let again = try Live(cluster[3], "/v1/live/events?resume=0", token: demo.supervisor)
        try again.wait("agentCreated")
        #expect(cluster[3].terminate() == 0)
    }

    @Test("A node that is stopped hands over what it leads first, and its sessions go on at another")
    func stopped() throws {
        let (cluster, demo, leader, other, ada) = try atLeader()
        #expect(cluster[leader].terminate() == 0)
        try cluster[leader].hears("leads nothing any more")
        try ada.wait("reconnect")
        #expect(try ada.waitForEnd().hasPrefix("1012"))
        let position = try #require(positions(ada).max())
        let again = try Live(cluster[other], "/v1/live/agent?resume=\(position)", token: demo.agents[0])
        try again.ask("presence", "\"state\":\"onBreak\",\"code\":\"tea\"")
        #expect(try cluster.leader(demo, asking: other) != leader)
    }

    @Test("A node that is drained sends its sessions to others and takes no new ones, until it serves again")
    func drained() throws {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        let ada = try Live(cluster[2], "/v1/live/agent", token: demo.agents[0])
        try ada.ask("presence", "\"state\":\"available\"")
        try cluster[1].tandem("node", "drain", "2")
        try ada.wait("reconnect")
        #expect(try ada.waitForEnd().hasPrefix("1012"))

        let position = try #require(positions(ada).max())
        let again = try Live(cluster[3], "/v1/live/agent?resume=\(position)", token: demo.agents[0])
        func presence() throws -> String? {
            try cluster[2].call("GET", "/v1/agents/\(demo.agentIDs[0])", token: demo.supervisor)["presence"]?.text
        }
        // Requests it still answers; the agent is what he was.
        #expect(try presence() == "available")
        try again.ask("presence", "\"state\":\"onBreak\",\"code\":\"tea\"")
        #expect(try presence() == "onBreak")
        let ready = try cluster[2].send("GET", "/readyz")
        #expect(ready.status == 503 && ready.text.contains("draining"), "\(ready.text)")
        #expect(throws: Daemon.Trouble.self) { try Live(cluster[2], "/v1/live/events", token: demo.supervisor) }

        let address = try #require(
            try cluster[1].told("nodes")["items"]?.elements?
                .first { $0["node"]?.whole == 2 }?["address"]?.text)
        try cluster[3].tandem("node", "add", "2", address, as: "administrator")
        try cluster[2].wait(untilReady: true)
        _ = try Live(cluster[2], "/v1/live/events", token: demo.supervisor)
        for number in UInt32(1)...3 { #expect(cluster[number].terminate() == 0) }
    }
}
