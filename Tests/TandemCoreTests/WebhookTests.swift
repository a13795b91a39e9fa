import TandemCore
import Testing

@Suite("A webhook")
struct WebhookTests {
    private static let spec = WebhookSpec(
        name: "CRM", url: "https://crm.example/in", notices: .all, secret: "main")

    @Test("It is put once, changed by who has seen its version, and there are eight at most")
    func life() throws {
        var bench = Bench(Sample.record)
        let made = try bench.run(.putWebhook(nil, Self.spec, expecting: nil))
        let id = WebhookID(raw: try #require(made.answer?.part))
        #expect(bench.machine.webhook(id)?.version == 1 && bench.machine.webhook(id)?.spec == Self.spec)
        #expect(try bench.run(.putWebhook(id, Self.spec, expecting: nil)).events.isEmpty, "nothing changed")
        var other = Self.spec
        other.isEnabled = false
        #expect(bench.refusal(.putWebhook(id, other, expecting: 3)) == Refusal(.versionConflict))
        #expect(try bench.run(.putWebhook(id, other, expecting: 1)).answer?.version == 2)
        #expect(bench.refusal(.putWebhook(WebhookID(raw: 5), other, expecting: nil)) == Refusal(.notFound))
        for _ in 1..<Limits.webhooksPerTenantMax { try bench.run(.putWebhook(nil, Self.spec, expecting: nil)) }
        #expect(
            bench.refusal(.putWebhook(nil, Self.spec, expecting: nil)) == Refusal(.limitExceeded, field: "webhooks"))
    }

    @Test("What is wrong with it is refused by the name of the field")
    func fields() {
        let bench = Bench(Sample.record)
        func refusal(_ change: (inout WebhookSpec) -> Void) -> Refusal? {
            var spec = Self.spec
            change(&spec)
            return bench.refusal(.putWebhook(nil, spec, expecting: nil))
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.name = "" } == Refusal(.invalid, field: "name"))
        #expect(refusal { $0.url = "http://crm.example/" } == Refusal(.invalid, field: "url"))
        #expect(
            refusal { $0.url = "https://crm.example/" + String(repeating: "x", count: 2_048) }
                == Refusal(.limitExceeded, field: "url"))
        #expect(refusal { $0.notices = [] } == Refusal(.invalid, field: "notices"))
        #expect(refusal { $0.notices = NoticeSet(rawValue: 1 << 15) } == Refusal(.invalid, field: "notices"))
        #expect(refusal { $0.secret = "" } == Refusal(.invalid, field: "secret"))
    }

    @Test(
        "An address is taken apart",
        arguments: [
            ("https://crm.example", true, "crm.example", 443, "/", "crm.example"),
            ("https://CRM.example:8443/a/b?c=d", true, "crm.example", 8443, "/a/b?c=d", "crm.example:8443"),
            ("https://crm.example?x=1", true, "crm.example", 443, "/?x=1", "crm.example"),
            ("https://10.0.0.1/", true, "10.0.0.1", 443, "/", "10.0.0.1"),
            ("https://[2001:DB8::1]:444/", true, "2001:db8::1", 444, "/", "[2001:db8::1]:444"),
            ("http://127.0.0.1:9000/hook", false, "127.0.0.1", 9000, "/hook", "127.0.0.1:9000"),
            ("http://localhost/", false, "localhost", 80, "/", "localhost"),
            ("http://[::1]/", false, "::1", 80, "/", "[::1]"),
        ])
    func addresses(
        _ text: String, _ isSecure: Bool, _ host: String, _ port: UInt16, _ path: String, _ authority: String
    ) throws {
        let address = try #require(WebhookAddress(text))
        #expect(address.isSecure == isSecure && address.host == host && address.port == port)
        #expect(address.path == path && address.authority == authority)
    }

    @Test(
        "What is no address is none",
        arguments: [
            "", "https://", "crm.example", "ftp://crm.example", "http://crm.example/", "http://127.0.0.2/",
            "https://user:secret@crm.example/", "https://crm.example/#part", "https://crm.example:0/",
            "https://crm.example:65536/", "https://crm.example:/", "https://crm.example:+1/", "https://crm example/",
            "https://crm.example/\r\nHost: other", "https://ümlaut.example/", "https://[::1", "https://[crm]/",
            "https://crm_.example\\@other/", "https://.example/", "HTTPS://crm.example/",
        ])
    func nonsense(_ text: String) {
        #expect(WebhookAddress(text) == nil)
    }
}
