import Foundation
import TandemAPI
import TandemCore
import TandemTransport
import Testing

/// What happens is told to the outside by real nodes, and a receiver that is none of ours.
@Suite("Webhooks", .serialized, .enabled(if: WebhookReceiver.python != nil, "there is no python3"))
struct WebhookTests {
    private static let secret = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()

    /// What a node is started with; the file is there before the node is.
    private static func cluster() throws -> DaemonCluster {
        let folder = NSTemporaryDirectory() + "tandem-webhooks-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let empty = folder + "/none.json"
        try Data("{}".utf8).write(to: URL(fileURLWithPath: empty))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: empty)
        return try DaemonCluster { _ in ["--webhook-secrets", empty, "--webhook-private"] }
    }

    @Test(
        "The leader is killed with deliveries under way: each message is told, signed, in order, and known by its name")
    func leaderLost() throws {
        let cluster = try Self.cluster()
        let demo = try cluster.start()
        let secrets = try #require(cluster[1].arguments.firstIndex(of: "--webhook-secrets"))
        let file = cluster[1].arguments[secrets + 1]
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let receiver = try WebhookReceiver(secret: Self.secret, in: folder)
        let tenant = try #require(try cluster[1].demo()["tenant"]?.text)
        // A secret comes while the nodes run.
        try Data("{\"\(tenant)\": {\"main\": \"\(Self.secret)\"}}".utf8).write(to: URL(fileURLWithPath: file))
        let body =
            "{\"name\":\"CRM\",\"url\":\"http://127.0.0.1:\(receiver.port)/in\",\"secret\":\"main\","
            + "\"notices\":[\"messagePosted\",\"contactCreated\"]}"
        let made = try cluster[2].call("POST", "/v1/webhooks", token: demo.supervisor, body: body)
        let webhook = try #require(made["id"]?.text)
        let kept = try cluster[3].call("GET", "/v1/webhooks/\(webhook)", token: demo.supervisor)
        #expect(kept["settings"]?["secret"]?.text == "main")

        var conversations: [String] = []
        for _ in 0..<6 {
            let (_, opened) = try cluster.write(
                "/v1/conversations", demo.opening("support"), token: demo.customer, among: [1, 2, 3])
            conversations.append(try #require(opened["id"]?.text))
        }
        let leader = try #require(try cluster.leader(demo, asking: 2))
        let survivors = (UInt32(1)...3).filter { $0 != leader }
        let count: Int64 = 12
        for number in 1...count {
            for conversation in conversations {
                _ = try cluster.write(
                    "/v1/conversations/\(conversation)/messages", "{\"text\":\"not to be told \(number)\"}",
                    token: demo.customer, among: number > count / 2 ? survivors : [1, 2, 3])
            }
            // Some of what it was told is under way.
            if number == count / 2 { cluster[leader].kill() }
        }
        try cluster[leader].start()
        try waitUntilAll(receiver, conversations, count, asking: cluster[survivors[0]])
        let events = try receiver.received()
        #expect(events.allSatisfy { $0.isSigned })
        #expect(!events.contains { $0.body.contains("not to be told") }, "what people said stays here")
        // Under one name there is one event.
        for (id, same) in Dictionary(grouping: events, by: \.id) {
            #expect(Set(same.map(\.body)).count == 1, "\(id)")
            #expect(same.contains { $0.status == 200 }, "\(id)")
        }
        for conversation in conversations {
            let sequences = events.filter { $0.conversation == conversation && $0.sequence > 0 }.map(\.sequence)
            var first: [Int64] = []
            for sequence in sequences where !first.contains(sequence) { first.append(sequence) }
            #expect(first == Array(1...count), "\(conversation)")
            let ids = Set(events.filter { $0.conversation == conversation && $0.sequence > 0 }.map(\.id))
            #expect(ids.count == Int(count), "one name for each message")
        }
        // The journal says so, too: who leads has nothing left to tell.
        for number in UInt32(1)...3 { try cluster[number].waitUntilToldAll() }
        for number in UInt32(1)...3 { #expect(cluster[number].terminate() == 0) }
    }

    private func waitUntilAll(
        _ receiver: WebhookReceiver, _ conversations: [String], _ count: Int64, asking daemon: Daemon
    ) throws {
        let deadline = Date(timeIntervalSinceNow: 120)
        while true {
            let good = try receiver.received().filter { $0.status == 200 }
            let missing = conversations.filter { conversation in
                Set(good.filter { $0.conversation == conversation && $0.sequence > 0 }.map(\.sequence)).count < count
            }
            if missing.isEmpty { return }
            guard Date() < deadline else {
                throw Daemon.Trouble(description: "\(missing.count) conversations were not told in full")
            }
            // What it answers is of no concern: a request is a pause.
            _ = try daemon.send("GET", "/livez")
        }
    }

    @Test("A node without the secret says so, operators see what waits, and it goes once the secret is there")
    func secretLate() throws {
        let folder = NSTemporaryDirectory() + "tandem-webhooks-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/secrets.json"
        try Data("{}".utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        let daemon = try Daemon(["--demo", "--webhook-secrets", file, "--webhook-private"])
        try daemon.start()
        let demo = try Demo(daemon)
        let receiver = try WebhookReceiver(secret: Self.secret, in: folder)
        let body =
            "{\"name\":\"CRM\",\"url\":\"http://127.0.0.1:\(receiver.port)/in\",\"secret\":\"main\","
            + "\"notices\":[\"contactCreated\"]}"
        let webhook = try #require(
            try daemon.call("POST", "/v1/webhooks", token: demo.supervisor, body: body)["id"]?.text)
        let opened = try daemon.call("POST", "/v1/conversations", token: demo.customer, body: demo.opening("support"))
        try daemon.hears("webhook \(webhook): secretMissing, with attempt 1 of dlv_")
        let listed = try daemon.tandem("actors", "--kind", "delivery")
        #expect(listed.contains("dlv_"), "\(listed)")
        let tenant = try #require(try daemon.demo()["tenant"]?.text)
        try Data("{\"\(tenant)\": {\"main\": \"\(Self.secret)\"}}".utf8).write(to: URL(fileURLWithPath: file))
        try daemon.hears("webhook \(webhook): works again")
        let told = try receiver.received()
        #expect(told.last?.conversation == opened["id"]?.text)
        #expect(told.allSatisfy { $0.isSigned })
        #expect(!daemon.said.contains { $0.contains("whsec_") || $0.contains("127.0.0.1:\(receiver.port)") })
        let conversation = try #require(opened["id"]?.text)
        // What the log says need not be committed yet.
        let deadline = Date(timeIntervalSinceNow: 60)
        var types: [String] = []
        while !types.contains("deliveryDone"), Date() < deadline {
            let timeline = try daemon.call("GET", "/v1/conversations/\(conversation)/timeline", token: demo.supervisor)
            types = timeline["items"]?.elements?.compactMap { $0["type"]?.text } ?? []
        }
        #expect(types.contains("deliveryDue") && types.contains("deliveryFailed") && types.contains("deliveryDone"))
        #expect(daemon.terminate() == 0)
    }
}

extension Daemon {
    /// Waits until no delivery is open, by what is committed; of partitions that it leads.
    func waitUntilToldAll() throws {
        let deadline = Date(timeIntervalSinceNow: 60)
        while true {
            let page = try send("GET", "/metrics").text.split(separator: "\n")
            let open = page.filter { $0.hasPrefix("tandem_deliveries_open{") }
                .reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) }
            if open == 0 { return }
            guard Date() < deadline else { throw Trouble(description: "\(open) deliveries are open") }
        }
    }
}
