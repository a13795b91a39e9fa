import TandemCore
import TandemRuntime
import TandemTransport
import TestPrograms
import Testing

@testable import TandemGateway

/// Whom a sender believes to be the receiver.
@Suite("Webhooks over TLS", .serialized, .enabled(if: SelfSignedCertificate.tool != nil, "there is no openssl command"))
struct WebhookTLSTests {
    /// Tells a receiver that shows `shown`, trusting whoever `trusted` vouches for; nil: the system's authorities.
    private static func tell(
        _ shown: SelfSignedCertificate, trusting trusted: SelfSignedCertificate?, as host: String = "localhost",
        _ check: (DeliveryResult?, _ received: Int, _ lines: [String]) -> Void
    ) throws {
        let tls = try TLSContext(certificateFile: shown.certificateFile, keyFile: shown.keyFile)
        try WebhookStage.withServer(tls: tls) { port, received in
            try WebhookStage.withSender {
                if let trusted { $0.trust = .file(trusted.certificateFile) }
                // Whatever it is called, it is here.
                $0.resolve = { (_, port) throws(TransportError) in try SocketAddress(host: "127.0.0.1", port: port) }
            } _: { sender, lines in
                let result = try WebhookStage.result(sender, WebhookStage.effect("https://\(host):\(port)/200"))
                check(result, received().count, lines.all)
            }
        }
    }

    private static let failed = DeliveryResult.failed(DeliveryFailure(.tlsFailed))

    @Test(
        "A receiver whose certificate is good, of an authority that is trusted, is told",
        arguments: ["localhost", "127.0.0.1"])
    func good(host: String) throws {
        let certificate = try SelfSignedCertificate()
        try Self.tell(certificate, trusting: certificate, as: host) { result, received, lines in
            #expect(result == .done(status: 200) && received == 1 && lines.isEmpty)
        }
    }

    @Test("A certificate for another name is not believed, and the log says why")
    func wrongName() throws {
        let certificate = try SelfSignedCertificate(names: "DNS:crm.example,IP:127.0.0.2")
        for host in ["localhost", "127.0.0.1"] {
            try Self.tell(certificate, trusting: certificate, as: host) { result, received, lines in
                #expect(result == Self.failed && received == 0)
                #expect(lines.count == 1 && lines[0].contains("mismatch"), "\(lines)")
                #expect(!lines.contains { $0.contains(host) }, "no addresses in the log")
            }
        }
        try Self.tell(certificate, trusting: certificate, as: "crm.example") { result, _, _ in
            #expect(result == .done(status: 200))
        }
    }

    @Test("A certificate of an authority that nobody named is not believed, of whichever is trusted otherwise")
    func unknownAuthority() throws {
        let certificate = try SelfSignedCertificate()
        for trusted in [nil, try SelfSignedCertificate()] {
            try Self.tell(certificate, trusting: trusted) { result, received, lines in
                #expect(result == Self.failed && received == 0)
                #expect(lines.count == 1 && lines[0].contains("self-signed"), "\(lines)")
            }
        }
    }

    @Test("A certificate of another time is not believed")
    func expired() throws {
        let certificate = try SelfSignedCertificate(isExpired: true)
        try Self.tell(certificate, trusting: certificate) { result, received, lines in
            #expect(result == Self.failed && received == 0)
            #expect(lines.count == 1 && lines[0].contains("expired"), "\(lines)")
        }
    }

    @Test("Who does not speak TLS is told apart from who does not listen")
    func plain() throws {
        try WebhookStage.withReceiver { sender, port, received, _ in
            let effect = WebhookStage.effect("https://127.0.0.1:\(port)/200")
            try WebhookStage.expect(Self.failed, sender, effect)
            #expect(received().isEmpty)
        }
        try WebhookStage.withSender { sender, _ in
            let effect = WebhookStage.effect("https://127.0.0.1:1/200")
            try WebhookStage.expect(.failed(DeliveryFailure(.unreachable)), sender, effect)
        }
    }
}
