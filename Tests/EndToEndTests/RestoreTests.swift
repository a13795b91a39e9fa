import Foundation
import Synchronization
import TandemAPI
import TandemTransport
import TestPrograms
import Testing

/// A cluster is made of one node's backup, beside the one it is of.
@Suite("A cluster made of a backup", .serialized)
struct RestoreTests {
    /// Posts to a conversation until it is stopped, at whichever of some nodes takes it, and counts what was acknowledged.
    // Safe: what changes is under mutexes; the cluster's nodes are only asked.
    private final class Traffic: @unchecked Sendable {
        private let cluster: DaemonCluster
        private let path: String
        private let token: String
        private let among: Mutex<[UInt32]>
        private let count = Mutex(0)
        private let isOver = Mutex(false)
        private let trouble = Mutex<String?>(nil)
        private let done = DispatchSemaphore(value: 0)

        init(_ cluster: DaemonCluster, _ path: String, token: String, among nodes: [UInt32]) {
            self.cluster = cluster
            self.path = path
            self.token = token
            among = Mutex(nodes)
            Thread.detachNewThread { [self] in
                run()
                done.signal()
            }
        }

        private func run() {
            while !isOver.withLock({ $0 }) {
                let body = "{\"text\":\"\(acknowledged)\"}"
                do {
                    _ = try cluster.write(path, body, token: token, among: among.withLock { $0 })
                } catch {
                    return trouble.withLock { $0 = "\(error)" }
                }
                count.withLock { $0 += 1 }
            }
        }

        var acknowledged: Int { count.withLock { $0 } }

        func only(_ nodes: [UInt32]) { among.withLock { $0 = nodes } }

        func wait(for more: Int) throws {
            let wanted = acknowledged + more
            try eventually(or: "nothing is acknowledged") {
                if let trouble = trouble.withLock({ $0 }) { throw Daemon.Trouble(description: trouble) }
                return acknowledged < wanted ? nil : true
            }
        }

        func stop() -> Int {
            isOver.withLock { $0 = true }
            done.wait()
            return acknowledged
        }
    }

    @Test(
        "A follower's backup becomes a new cluster that grows, with all that was acknowledged; the old one never meets it"
    )
    func ofAFollower() throws {
        let cluster = try DaemonCluster()
        let demo = try cluster.start()
        try cluster[2].tandem("replicas", "set", "5", as: "administrator")
        let ada = try Live(cluster[1], "/v1/live/agent", token: demo.agents[0])
        try ada.ask("presence", "\"state\":\"onBreak\",\"code\":\"tea\"")
        let (_, made) = try cluster.write(
            "/v1/conversations", demo.opening("sales"), token: demo.customer, among: [1, 2, 3])
        let conversation = try #require(made["id"]?.text)
        let posts = "/v1/conversations/\(conversation)/messages"
        // The third gives back what it leads, so that it follows.
        let leader = try #require(try cluster.leader(demo, asking: 1))
        if leader == 3 { try cluster[1].tandem("leader", "transfer", "\(demo.partition)", "1") }
        let traffic = Traffic(cluster, posts, token: demo.customer, among: [1, 2])
        try traffic.wait(for: 20)
        let settings = try cluster[1].call("GET", "/v1/queues", token: demo.supervisor)
        let acknowledged = traffic.acknowledged
        try cluster[3].call("POST", "/v1/admin/backups/evening", token: demo.administrator, expecting: 201)

        let backup = cluster[3].directory + "/backups/evening"
        let before = try sums(backup)
        let port = cluster.ports[2]
        let restored = try Daemon(["--node", "3", "--peer-listen", "127.0.0.1:\(port)"])
        let said = try Daemon.tandem(["restore", backup, "--directory", restored.directory, "--node", "3"])
        #expect(said.contains("it is node 3, alone so far, of the new cluster"), "\(said)")
        #expect(try sums(backup) == before)

        // Where the others look for the old third node is now the new cluster's: neither takes the other's word.
        cluster[3].kill()
        try restored.start()
        try restored.hears("restored from the backup evening")
        try cluster[1].hears("peer.otherCluster")
        try traffic.wait(for: 20)
        let texts = try restored.transcript(of: conversation, token: demo.supervisor)
        #expect(texts.count >= acknowledged && texts == (0..<texts.count).map { "\($0)" })
        restored.sheet = cluster[1].sheet
        #expect(try restored.tandem("status").contains("evening, made at"))
        #expect(try restored.told("cluster")["replicas"]?.whole == 5, "as the old cluster has it")
        #expect(try restored.call("GET", "/v1/queues", token: demo.supervisor) == settings)
        try #expect(presence(at: restored, demo) == "offline", "whose session was on a node that is gone")
        try #expect(presence(at: cluster[1], demo) == "onBreak")

        try grow(restored, demo)

        let total = traffic.stop()
        #expect(try cluster[2].transcript(of: conversation, token: demo.supervisor) == (0..<total).map { "\($0)" })
        try Daemon.agree([cluster[1], cluster[2]], demo)
        let nodes = try cluster[1].call("GET", "/v1/nodes", token: demo.operator)["items"]?.elements ?? []
        #expect(nodes.compactMap { $0["node"]?.whole } == [1, 2, 3])
        for number in UInt32(1)...2 { #expect(cluster[number].terminate() == 0) }
    }

    @Test("A restore that is killed leaves nothing that a node starts on, and the next one begins anew")
    func killed() throws {
        let old = try Daemon(["--demo"])
        try old.start()
        let demo = try Demo(old)
        let opened = try old.call("POST", "/v1/conversations", token: demo.customer, body: demo.opening("sales"))
        let conversation = try #require(opened["id"]?.text)
        try old.call(
            "POST", "/v1/conversations/\(conversation)/messages", token: demo.customer, body: "{\"text\":\"kept\"}")
        try old.call("POST", "/v1/admin/backups/one", token: demo.administrator, expecting: 201)
        let backup = old.directory + "/backups/one"
        // Each removes its directory when it goes, and some share theirs.
        var daemons: [Daemon] = []
        defer { withExtendedLifetime(daemons) {} }
        for words in ["restoring", "all are what was backed up", "partition 0: everything", "partition 1: everything"] {
            let restoring = try Daemon(["--restore", backup])
            restoring.common = []
            try restoring.launch()
            try restoring.hears(words)
            restoring.kill()
            // It may have got further than its words, even to the end.
            let isUnfinished = FileManager.default.fileExists(atPath: restoring.directory + "/restore.unfinished")
            let isEmpty = try FileManager.default.contentsOfDirectory(atPath: restoring.directory).isEmpty
            let node = try Daemon([], in: restoring.directory)
            daemons += [restoring, node]
            if isUnfinished {
                try node.launch()
                try node.hears("was not finished: run it again")
                #expect(node.hasTrapped() == false)
            }
            if isUnfinished || isEmpty {
                let again = try Daemon(["--restore", backup], in: restoring.directory)
                again.common = []
                daemons.append(again)
                try again.launch()
                try again.hears("start it with: tandemd")
                #expect(again.hasTrapped() == false)
            }
            try node.start()
            #expect(try node.transcript(of: conversation, token: demo.supervisor) == ["kept"])
            #expect(node.terminate() == 0)
        }
    }

    /// Two more nodes, under numbers that the old cluster has too, and then the loss of the first.
    private func grow(_ first: Daemon, _ demo: Demo) throws {
        let ports = try FreePorts.find(2)
        let joiners = try [1, 2].map { try Daemon.joining(first, as: $0, at: ports[Int($0) - 1]) }
        for joiner in joiners { try joiner.start() }
        try Daemon.agree([first] + joiners, demo)
        try eventually(is: 3) { try first.votes() }
        // Three voters are listed from the joint membership on, which the first alone could still decide: when two writes
        // behind it are acknowledged, one after the other, that is over.
        for _ in 0..<2 {
            try first.call("POST", "/v1/conversations", token: demo.customer, body: demo.opening("support"))
        }
        first.kill()
        // A busy machine may have them look for each other first.
        let opened = try DaemonCluster.write(
            "/v1/conversations", demo.opening("support"), token: demo.customer, among: joiners
        ).answer
        let conversation = try #require(opened["id"]?.text)
        _ = try DaemonCluster.write(
            "/v1/conversations/\(conversation)/messages", "{\"text\":\"new\"}", token: demo.customer,
            among: joiners.reversed())
        #expect(try joiners[0].transcript(of: conversation, token: demo.supervisor) == ["new"])
        for joiner in joiners { #expect(joiner.terminate() == 0) }
    }

    private func presence(at node: Daemon, _ demo: Demo) throws -> String {
        // A lost agent is given time to come back.
        try eventually(or: "the agent stays lost and is not offline") {
            let agent = try node.call("GET", "/v1/agents/\(demo.agentIDs[0])", token: demo.supervisor)
            let presence = agent["presence"]?.text
            return presence != "onBreak" || agent["sessions"]?.whole == 1 ? presence : nil
        }
    }

    /// Every file of a backup with its checksum.
    private func sums(_ directory: String) throws -> [String: [UInt8]] {
        var sums: [String: [UInt8]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(directory)/\(path)", isDirectory: &isFolder)
            if !isFolder.boolValue { sums[path] = try Digest.sha256(ofFile: "\(directory)/\(path)") }
        }
        return sums
    }
}
