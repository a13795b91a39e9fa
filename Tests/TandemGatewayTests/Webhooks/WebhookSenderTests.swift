import Foundation
import TandemAPI
import TandemCore
import TandemRuntime
import TandemTransport
import Testing

@testable import TandemGateway

/// A receiver on loopback, and what webhooks tell it.
@Suite("Telling webhooks", .serialized)
struct WebhookSenderTests {
    @Test("A delivery arrives as a signed CloudEvent and is done")
    func done() throws {
        try WebhookStage.withReceiver { sender, port, received, lines in
            let effect = WebhookStage.effect("http://localhost:\(port)/200?v=1")
            try WebhookStage.expect(.done(status: 200), sender, effect)
            let request = try #require(received().first)
            #expect(received().count == 1 && request.path == "/200")
            #expect(request.headers["host"] == "localhost:\(port)")
            #expect(request.headers["content-type"] == "application/cloudevents+json; charset=utf-8")
            let id = effect.target.delivery.description
            #expect(request.headers["webhook-id"] == id && request.headers["webhook-timestamp"] == "1750000100")
            let signed = Array("\(id).1750000100.".utf8) + request.body
            let mac = MessageAuthentication.hmacSHA256(key: WebhookStage.key, signed)
            #expect(request.headers["webhook-signature"] == "v1," + Data(mac).base64EncodedString())
            let event = try JSONValue(parsing: request.body)
            #expect(event["specversion"]?.text == "1.0" && event["id"]?.text == id)
            #expect(event["type"]?.text == "tandem.contactEnded")
            #expect(event["source"]?.text == "/v1/tenants/\(WebhookStage.tenant)")
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
        try WebhookStage.withReceiver { sender, port, received, _ in
            let failure = DeliveryFailure(.status, status: UInt16(status))
            let expected: DeliveryResult =
                switch meaning {
                case "done": .done(status: UInt16(status))
                case "refused": .refused(failure)
                default: .failed(failure)
                }
            try WebhookStage.expect(expected, sender, WebhookStage.effect("http://127.0.0.1:\(port)/\(status)"))
            #expect(received().count == 1)
        }
    }

    @Test("Who does not answer in time is given up for now, and nothing of it holds up the next")
    func slow() throws {
        try WebhookStage.withReceiver {
            $0.wholeMilliseconds = 100
        } _: { sender, port, _, lines in
            let never = WebhookStage.effect("http://127.0.0.1:\(port)/never")
            try WebhookStage.expect(.failed(DeliveryFailure(.timedOut)), sender, never)
            #expect(lines.all.count == 1 && lines.all[0].contains("timedOut"))
            #expect(!lines.all[0].contains("127.0.0.1"), "no addresses in the log")
        }
        // Of a sender that has all the time.
        try WebhookStage.withReceiver { sender, port, _, _ in
            let never = WebhookStage.Told(sender, WebhookStage.effect("http://127.0.0.1:\(port)/never"))
            let good = WebhookStage.effect("http://127.0.0.1:\(port)/200")
            try WebhookStage.expect(.done(status: 200), sender, good)
            #expect(!never.hasCome)
        }
    }

    @Test("Without its secret nothing is sent, and the log says so once")
    func secretMissing() throws {
        try WebhookStage.withReceiver { sender, port, received, lines in
            let effect = WebhookStage.effect("http://127.0.0.1:\(port)/200", secret: "other")
            try WebhookStage.expect(.failed(DeliveryFailure(.secretMissing)), sender, effect)
            try WebhookStage.expect(.failed(DeliveryFailure(.secretMissing)), sender, effect)
            #expect(received().isEmpty)
            #expect(lines.all.count == 1 && lines.all[0].contains("secretMissing"))
        }
    }

    @Test("This machine's addresses are not told unless the node allows it, whatever name they have")
    func notAllowed() throws {
        try WebhookStage.withReceiver {
            $0.reachesPrivate = false
        } _: { sender, port, received, _ in
            for host in ["127.0.0.1", "localhost"] {
                let effect = WebhookStage.effect("http://\(host):\(port)/200")
                try WebhookStage.expect(.failed(DeliveryFailure(.addressNotAllowed)), sender, effect)
            }
            try WebhookStage.expect(
                .failed(DeliveryFailure(.addressNotAllowed)), sender,
                WebhookStage.effect("https://169.254.169.254/latest"))
            #expect(received().isEmpty)
        }
    }

    @Test("Who does not listen is unreachable")
    func unreachable() throws {
        try WebhookStage.withSender { sender, _ in
            let effect = WebhookStage.effect("http://127.0.0.1:1/200")
            try WebhookStage.expect(.failed(DeliveryFailure(.unreachable)), sender, effect)
        }
    }

    @Test("With as many sockets as it may have nothing more is begun: that is no attempt, and no line")
    func full() throws {
        try WebhookStage.withServer { port, received in
            try WebhookStage.withSender(connectionsMax: 1) { sender, lines in
                let never = WebhookStage.Told(sender, WebhookStage.effect("http://127.0.0.1:\(port)/never"))
                let good = WebhookStage.effect("http://127.0.0.1:\(port)/200")
                try WebhookStage.expect(nil, sender, good)
                #expect(!never.hasCome && lines.all.isEmpty)
                #expect(!received().contains { $0.path == "/200" })
            }
        }
    }

    @Test("What ends with the node is told to nobody, and is in no log")
    func stopped() throws {
        try WebhookStage.withReceiver { sender, port, received, lines in
            let never = WebhookStage.Told(sender, WebhookStage.effect("http://127.0.0.1:\(port)/never"))
            // Each of the others is a pause.
            while !received().contains(where: { $0.path == "/never" }) {
                try WebhookStage.expect(
                    .done(status: 200), sender, WebhookStage.effect("http://127.0.0.1:\(port)/200"))
            }
            sender.stop()
            #expect(!never.hasCome && lines.all.isEmpty, "\(lines.all)")
        }
    }

    @Test("What is given up is in the log, with how often it was tried")
    func gaveUp() throws {
        try WebhookStage.withSender { sender, lines in
            let target = WebhookStage.effect("").target
            sender.gaveUp(
                DeliveryFailed(
                    target: target, attempt: 12, failure: DeliveryFailure(.status, status: 503), retryAt: nil))
            // Behind it on the sender's loop.
            _ = try WebhookStage.result(sender, WebhookStage.effect("not an address"))
            let line = "webhook \(target.webhook): gave up \(target.delivery) after 12 attempts: status 503"
            #expect(lines.all.first == line)
        }
    }
}
