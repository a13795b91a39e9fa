import Foundation
import Synchronization
import TandemCore
import TandemRuntime
import TandemTransport
import Testing

@testable import TandemGateway

/// A receiver on loopback, a sender that tells it, and what came.
enum WebhookStage {
    static let tenant = TenantID(raw: 21 << 20)
    static let key = [UInt8](0..<32)

    static func effect(
        _ url: String, secret: String = "main", of tenant: TenantID = tenant, webhook: UInt64 = 25, attempt: UInt16 = 1
    ) -> Effect {
        var notice = Notice(.contactEnded)
        notice.contact = ContactID(raw: 23 << 20)
        notice.reason = .abandoned
        return Effect(
            target: DeliveryTarget(
                delivery: DeliveryID(raw: 24 << 20), tenant: tenant, conversation: ConversationID(raw: 22 << 20),
                webhook: WebhookID(raw: webhook << 20)),
            attempt: attempt, notice: notice, at: Timestamp(milliseconds: 1_750_000_000_123),
            webhook: Webhook(
                id: WebhookID(raw: webhook << 20), version: 1,
                spec: WebhookSpec(name: "CRM", url: url, notices: .all, secret: secret)))
    }

    static func write(_ text: String, to path: String, mode: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    static func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "tandem-webhooks-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    // MARK: The sender

    /// What a sender tells, for which the test's thread may wait.
    final class Told: Sendable {
        private let came = DispatchSemaphore(value: 0)
        private let result = Mutex<DeliveryResult?>(nil)

        init(_ sender: WebhookSender, _ effect: Effect) {
            sender.perform(effect) { [self] result in
                self.result.withLock { $0 = result }
                came.signal()
            }
        }

        /// Nil: nothing was begun.
        func wait() throws -> DeliveryResult? {
            try #require(came.wait(timeout: .now() + 60) == .success, "nothing was told")
            return result.withLock { $0 }
        }

        var hasCome: Bool {
            guard came.wait(timeout: .now()) == .success else { return false }
            came.signal()
            return true
        }
    }

    static func result(_ sender: WebhookSender, _ effect: Effect) throws -> DeliveryResult? {
        try Told(sender, effect).wait()
    }

    /// - Parameter expected: nil: that nothing was begun
    static func expect(
        _ expected: DeliveryResult?, _ sender: WebhookSender, _ effect: Effect,
        at place: SourceLocation = #_sourceLocation
    ) throws {
        let result = try result(sender, effect)
        #expect(result == expected, sourceLocation: place)
    }

    /// A sender that may tell this machine; it runs while `body` does.
    static func withSender(
        connectionsMax: Int = 64, _ configure: (inout WebhookSender.Options) -> Void = { _ in },
        _ body: (WebhookSender, Lines) throws -> Void
    ) throws {
        try withDirectory { directory in
            let path = directory + "/secrets.json"
            let secret = "{\"main\": \"whsec_\(Data(key).base64EncodedString())\"}"
            let tenants = [tenant, others[0], others[1]].map { "\"\($0)\": \(secret)" }
            try write("{\(tenants.joined(separator: ", "))}", to: path)
            let lines = Lines()
            var options = WebhookSender.Options(
                secrets: try WebhookSecrets(path: path), wall: { 1_750_000_100 }, log: { lines.add($0) })
            options.reachesPrivate = true
            configure(&options)
            let sender = try WebhookSender(options)
            sender.start(connectionsMax: connectionsMax)
            defer { sender.stop() }
            try body(sender, lines)
        }
    }

    /// They have secrets too.
    static let others = [TenantID(raw: 31 << 20), TenantID(raw: 32 << 20)]

    // MARK: The receiver

    struct Received: Sendable {
        let method: String
        let path: String
        let headers: [String: String]
        let body: [UInt8]
    }

    private final class Inbox: Sendable {
        private let received = Mutex<[Received]>([])
        private let held = Mutex<[HTTPResponder]>([])
        var all: [Received] { received.withLock { $0 } }

        func take(_ request: HTTPRequest, _ responder: HTTPResponder) {
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
    }

    /// A server that answers by path, while `body` runs, which is given its port and what came; `/never` is not answered.
    static func withServer(
        tls: TLSContext? = nil, _ body: (UInt16, @escaping () -> [Received]) throws -> Void
    ) throws {
        let inbox = Inbox()
        let loops = try EventLoopGroup(count: 1)
        loops.start()
        defer { loops.stop() }
        let server = try HTTPServer(
            loops: loops, address: SocketAddress(host: "127.0.0.1", port: 0), limits: TandemTransport.Limits(), tls: tls
        ) { inbox.take($0, $1) }
        server.start()
        defer { server.stop() }
        try body(server.address.port, { inbox.all })
    }

    /// Both.
    static func withReceiver(
        _ configure: (inout WebhookSender.Options) -> Void = { _ in },
        _ body: (WebhookSender, UInt16, @escaping () -> [Received], Lines) throws -> Void
    ) throws {
        try withServer { port, received in
            try withSender(configure) { sender, lines in try body(sender, port, received, lines) }
        }
    }
}
