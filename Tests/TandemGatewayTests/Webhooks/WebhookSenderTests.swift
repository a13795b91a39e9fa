import Foundation
import Synchronization
import TandemAPI
import TandemCore
import TandemRuntime
import TandemTransport
import Testing

@testable import TandemGateway

/// A receiver on loopback, and what webhooks tell it.
@Suite("Telling webhooks", .serialized)
struct WebhookSenderTests {
    private static let tenant = TenantID(raw: 21 << 20)
    private static let key = [UInt8](0..<32)

    private static func effect(_ url: String, secret: String = "main") -> Effect {
        var notice = Notice(.contactEnded)
        notice.contact = ContactID(raw: 23 << 20)
        notice.reason = .abandoned
        return Effect(
            target: DeliveryTarget(
                delivery: DeliveryID(raw: 24 << 20), tenant: tenant, conversation: ConversationID(raw: 22 << 20),
                webhook: WebhookID(raw: 25 << 20)),
            attempt: 1, notice: notice, at: Timestamp(milliseconds: 1_750_000_000_123),
            webhook: Webhook(
                id: WebhookID(raw: 25 << 20), version: 1,
                spec: WebhookSpec(name: "CRM", url: url, notices: .all, secret: secret)))
    }

    private static func secrets(in directory: String) throws -> WebhookSecrets {
        let path = directory + "/secrets.json"
        try write("{\"\(tenant)\": {\"main\": \"whsec_\(Data(key).base64EncodedString())\"}}", to: path)
        return try WebhookSecrets(path: path)
    }

    private static func write(_ text: String, to path: String, mode: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private static func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "tandem-webhooks-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    /// Waits for what a sender tells, on the test's thread.
    private static func result(_ sender: WebhookSender, _ effect: Effect) -> DeliveryResult? {
        let told = DispatchSemaphore(value: 0)
        let result = Mutex<DeliveryResult?>(nil)
        sender.perform(effect) { outcome in
            result.withLock { $0 = outcome }
            told.signal()
        }
        guard told.wait(timeout: .now() + 30) == .success else { return nil }
        return result.withLock { $0 }
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private struct Received: Sendable {
        let method: String
        let path: String
        let headers: [String: String]
        let body: [UInt8]
    }

    /// A server that answers by path, a sender that may reach it, and what came.
    private static func withReceiver(
        reachesPrivate: Bool = true, wholeMilliseconds: UInt64 = 15_000,
        _ body: (WebhookSender, UInt16, () -> [Received], Lines) throws -> Void
    ) throws {
        let received = Mutex<[Received]>([])
        let held = Mutex<[HTTPResponder]>([])
        let loops = try EventLoopGroup(count: 1)
        loops.start()
        defer { loops.stop() }
        let server = try HTTPServer(
            loops: loops, address: SocketAddress(host: "127.0.0.1", port: 0), limits: TandemTransport.Limits(), tls: nil
        ) { request, responder in
            let names = ["host", "content-type", "webhook-id", "webhook-timestamp", "webhook-signature"]
            let headers = names.reduce(into: [:]) { $0[$1] = request.header($1) }
            received.withLock {
                $0.append(
                    Received(
                        method: "\(request.method)", path: request.path, headers: headers, body: Array(request.body)))
            }
            if request.path == "/never" { return held.withLock { $0.append(responder) } }
            let status = Int(request.path.dropFirst()) ?? 200
            let headers302: HTTPHeaders = status == 302 ? ["Location": "/200"] : .none
            responder.respond(status: status, headers: headers302, body: [])
        }
        server.start()
        defer { server.stop() }
        try withDirectory { directory in
            let lines = Lines()
            var options = WebhookSender.Options(
                secrets: try secrets(in: directory), wall: { 1_750_000_100 }, log: { lines.add($0) })
            options.reachesPrivate = reachesPrivate
            options.wholeMilliseconds = wholeMilliseconds
            let sender = try WebhookSender(options)
            sender.start()
            defer { sender.stop() }
            try body(sender, server.address.port, { received.withLock { $0 } }, lines)
        }
    }

    @Test("A delivery arrives as a signed CloudEvent and is done")
    func done() throws {
        try Self.withReceiver { sender, port, received, lines in
            let effect = Self.effect("http://localhost:\(port)/200?v=1")
            #expect(Self.result(sender, effect) == .done(status: 200))
            let request = try #require(received().first)
            #expect(received().count == 1 && request.path == "/200")
            #expect(request.headers["host"] == "localhost:\(port)")
            #expect(request.headers["content-type"] == "application/cloudevents+json; charset=utf-8")
            let id = effect.target.delivery.description
            #expect(request.headers["webhook-id"] == id && request.headers["webhook-timestamp"] == "1750000100")
            let signed = Array("\(id).1750000100.".utf8) + request.body
            let mac = MessageAuthentication.hmacSHA256(key: Self.key, signed)
            #expect(request.headers["webhook-signature"] == "v1," + Data(mac).base64EncodedString())
            let event = try JSONValue(parsing: request.body)
            #expect(event["specversion"]?.text == "1.0" && event["id"]?.text == id)
            #expect(event["type"]?.text == "tandem.contactEnded")
            #expect(event["source"]?.text == "/v1/tenants/\(Self.tenant)")
            #expect(event["subject"]?.text == effect.target.conversation.description)
            #expect(event["time"]?.text == "2025-06-15T15:06:40.123Z")
            #expect(event["data"]?["reason"]?.text == "abandoned")
            #expect(event["data"]?["contact"]?.text == effect.notice.contact?.description)
            #expect(lines.all.isEmpty)
        }
    }

    @Test(
        "Success is done, gone is given up, and everything else is tried again; no redirection is followed",
        arguments: [(204, "done"), (299, "done"), (302, "failed"), (404, "failed"), (410, "refused"), (500, "failed")])
    func statuses(status: Int, meaning: String) throws {
        try Self.withReceiver { sender, port, received, _ in
            let failure = DeliveryFailure(.status, status: UInt16(status))
            let expected: DeliveryResult =
                switch meaning {
                case "done": .done(status: UInt16(status))
                case "refused": .refused(failure)
                default: .failed(failure)
                }
            #expect(Self.result(sender, Self.effect("http://127.0.0.1:\(port)/\(status)")) == expected)
            #expect(received().count == 1)
        }
    }

    @Test("Who does not answer in time is given up for now, and nothing of it holds up the next")
    func slow() throws {
        try Self.withReceiver(wholeMilliseconds: 100) { sender, port, _, lines in
            #expect(
                Self.result(sender, Self.effect("http://127.0.0.1:\(port)/never"))
                    == .failed(DeliveryFailure(.timedOut)))
            #expect(Self.result(sender, Self.effect("http://127.0.0.1:\(port)/200")) == .done(status: 200))
            #expect(lines.all.count == 2 && lines.all[0].contains("timedOut") && lines.all[1].contains("works again"))
            #expect(!lines.all[0].contains("127.0.0.1"), "no addresses in the log")
        }
    }

    @Test("Without its secret nothing is sent, and the log says so once")
    func secretMissing() throws {
        try Self.withReceiver { sender, port, received, lines in
            let effect = Self.effect("http://127.0.0.1:\(port)/200", secret: "other")
            #expect(Self.result(sender, effect) == .failed(DeliveryFailure(.secretMissing)))
            #expect(Self.result(sender, effect) == .failed(DeliveryFailure(.secretMissing)))
            #expect(received().isEmpty)
            #expect(lines.all.count == 1 && lines.all[0].contains("secretMissing"))
        }
    }

    @Test("This machine's addresses are not told unless the node allows it, whatever name they have")
    func notAllowed() throws {
        try Self.withReceiver(reachesPrivate: false) { sender, port, received, _ in
            for host in ["127.0.0.1", "localhost"] {
                let effect = Self.effect("http://\(host):\(port)/200")
                #expect(Self.result(sender, effect) == .failed(DeliveryFailure(.addressNotAllowed)))
            }
            #expect(
                Self.result(sender, Self.effect("https://169.254.169.254/latest"))
                    == .failed(DeliveryFailure(.addressNotAllowed)))
            #expect(received().isEmpty)
        }
    }

    @Test("Who does not listen, or does not speak TLS, is unreachable")
    func unreachable() throws {
        try Self.withReceiver { sender, port, _, _ in
            #expect(
                Self.result(sender, Self.effect("https://127.0.0.1:\(port)/200"))
                    == .failed(DeliveryFailure(.unreachable)))
            #expect(
                Self.result(sender, Self.effect("http://127.0.0.1:1/200")) == .failed(DeliveryFailure(.unreachable)))
        }
    }

    @Test("A file of secrets that others may read, or that is malformed, is not used")
    func files() throws {
        try Self.withDirectory { directory in
            let path = directory + "/secrets.json"
            let good = "{\"\(Self.tenant)\": {\"main\": \"whsec_\(Data(Self.key).base64EncodedString())\"}}"
            try Self.write(good, to: path, mode: 0o644)
            #expect(throws: WebhookSecrets.Unusable.self) { try WebhookSecrets(path: path) }
            for bad in [
                "", "[]", "{\"acme\": {}}", "{\"\(Self.tenant)\": 1}", "{\"\(Self.tenant)\": {\"main\": \"plain\"}}",
                "{\"\(Self.tenant)\": {\"main\": \"whsec_AAAA\"}}",
            ] {
                try Self.write(bad, to: path)
                #expect(throws: WebhookSecrets.Unusable.self, "\(bad)") { try WebhookSecrets(path: path) }
            }
            try Self.write(good, to: path)
            #expect(try WebhookSecrets(path: path).key(of: Self.tenant, named: "main") == Self.key)
            #expect(throws: WebhookSecrets.Unusable.self) { try WebhookSecrets(path: directory + "/none") }
        }
    }

    @Test("A changed file is read again; one that became unusable is said to be, and the secrets of before go on")
    func changed() throws {
        try Self.withDirectory { directory in
            let path = directory + "/secrets.json"
            let lines = Lines()
            try Self.write("{}", to: path)
            let secrets = try WebhookSecrets(path: path) { lines.add($0) }
            #expect(secrets.key(of: Self.tenant, named: "main") == nil)
            let key = Data(Self.key).base64EncodedString()
            try Self.write("{\"\(Self.tenant)\": {\"main\": \"whsec_\(key)\"}}", to: path)
            #expect(secrets.key(of: Self.tenant, named: "main") == Self.key)
            #expect(secrets.key(of: TenantID(raw: 1), named: "main") == nil, "each tenant has its own")
            try Self.write("{ not JSON, and a secret: \(key)", to: path)
            #expect(secrets.key(of: Self.tenant, named: "main") == Self.key)
            #expect(lines.all.count == 2 && lines.all[1].contains("those of before go on"))
            #expect(!lines.all.contains { $0.contains(key) })
        }
    }
}
