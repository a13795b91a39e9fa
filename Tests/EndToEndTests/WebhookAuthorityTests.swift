import Foundation
import Synchronization
import TandemAPI
import TandemTransport
import TestPrograms
import Testing

/// Real nodes, and a receiver that shows a certificate.
@Suite(
    "Whom webhooks trust", .serialized,
    .enabled(if: SelfSignedCertificate.tool != nil, "the openssl command makes the certificate"))
struct WebhookAuthorityTests {
    /// Counts what comes.
    private final class Inbox: Sendable {
        private let paths = Mutex<[String]>([])
        func take(_ path: String) { paths.withLock { $0.append(path) } }
        var count: Int { paths.withLock { $0.count } }
    }

    /// What a node says, that a receiver with this certificate is to be told something.
    private func tell(_ certificate: SelfSignedCertificate, _ arguments: [String], says: String?) throws -> Int {
        let inbox = Inbox()
        let loops = try EventLoopGroup(count: 1)
        loops.start()
        defer { loops.stop() }
        let tls = try TLSContext(certificateFile: certificate.certificateFile, keyFile: certificate.keyFile)
        let server = try HTTPServer(
            loops: loops, address: SocketAddress(host: "127.0.0.1", port: 0), limits: Limits(), tls: tls
        ) { request, responder in
            inbox.take(request.path)
            responder.respond(status: 204, headers: .none, body: [])
        }
        server.start()
        defer { server.stop() }
        let secrets = certificate.folder + "/secrets.json"
        try Data("{}".utf8).write(to: URL(fileURLWithPath: secrets))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secrets)
        let daemon = try Daemon(["--demo", "--webhook-secrets", secrets, "--webhook-private"] + arguments)
        try daemon.start()
        let demo = try Demo(daemon)
        let tenant = try #require(try daemon.demo()["tenant"]?.text)
        let key = Data((0..<32).map { UInt8($0) }).base64EncodedString()
        try Data("{\"\(tenant)\": {\"main\": \"whsec_\(key)\"}}".utf8).write(to: URL(fileURLWithPath: secrets))
        let body =
            "{\"name\":\"CRM\",\"url\":\"https://localhost:\(server.address.port)/in\",\"secret\":\"main\","
            + "\"notices\":[\"contactCreated\"]}"
        _ = try daemon.call("POST", "/v1/webhooks", token: demo.supervisor, body: body)
        _ = try daemon.call("POST", "/v1/conversations", token: demo.customer, body: demo.opening("support"))
        if let says { try daemon.hears(says) } else { try daemon.waitUntilToldAll() }
        #expect(daemon.terminate() == 0)
        return inbox.count
    }

    @Test("A node believes receivers whom --webhook-ca vouches for; without it, those of the system's authorities only")
    func authority() throws {
        let certificate = try SelfSignedCertificate()
        #expect(try tell(certificate, ["--webhook-ca", certificate.certificateFile], says: nil) == 1)
        #expect(try tell(certificate, [], says: "tlsFailed, with attempt 1 of dlv_") == 0)
    }
}
