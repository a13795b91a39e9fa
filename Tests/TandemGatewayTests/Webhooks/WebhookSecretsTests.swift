import Foundation
import TandemCore
import Testing

@testable import TandemGateway

/// The file with what webhooks are signed with.
@Suite("Webhooks' secrets")
struct WebhookSecretsTests {
    @Test("A file of secrets that others may read, or that is malformed, is not used")
    func files() throws {
        try WebhookStage.withDirectory { directory in
            let path = directory + "/secrets.json"
            let good =
                "{\"\(WebhookStage.tenant)\": {\"main\": \"whsec_\(Data(WebhookStage.key).base64EncodedString())\"}}"
            try WebhookStage.write(good, to: path, mode: 0o644)
            #expect(throws: WebhookSecrets.Unusable.self) { try WebhookSecrets(path: path) }
            for bad in [
                "", "[]", "{\"acme\": {}}", "{\"\(WebhookStage.tenant)\": 1}",
                "{\"\(WebhookStage.tenant)\": {\"main\": \"plain\"}}",
                "{\"\(WebhookStage.tenant)\": {\"main\": \"whsec_AAAA\"}}",
            ] {
                try WebhookStage.write(bad, to: path)
                #expect(throws: WebhookSecrets.Unusable.self, "\(bad)") { try WebhookSecrets(path: path) }
            }
            try WebhookStage.write(good, to: path)
            #expect(try WebhookSecrets(path: path).key(of: WebhookStage.tenant, named: "main") == WebhookStage.key)
        }
    }

    @Test("What is wrong with the file is told with the option that names it and the system's reason")
    func reasons() throws {
        try WebhookStage.withDirectory { directory in
            func reason(_ path: String) -> String {
                do {
                    _ = try WebhookSecrets(path: path)
                    return ""
                } catch { return "\(error)" }
            }
            #expect(
                reason(directory + "/none")
                    == "--webhook-secrets: \(directory)/none cannot be read: No such file or directory")
            let path = directory + "/secrets.json"
            try WebhookStage.write("{}" + String(repeating: " ", count: 1 << 20), to: path)
            #expect(reason(path).hasSuffix("has more than 1024 KiB"))
            try WebhookStage.write("{}", to: path, mode: 0o604)
            #expect(reason(path).hasPrefix("--webhook-secrets: everybody on this machine can get at \(path)"))
            // As systemd's credentials are.
            try WebhookStage.write("{}", to: path, mode: 0o440)
            #expect(reason(path).isEmpty)
        }
    }

    @Test("A file that has gone is said to be, once, and the secrets of before go on")
    func gone() throws {
        try WebhookStage.withDirectory { directory in
            let path = directory + "/secrets.json"
            let lines = WebhookStage.Lines()
            let good =
                "{\"\(WebhookStage.tenant)\": {\"main\": \"whsec_\(Data(WebhookStage.key).base64EncodedString())\"}}"
            try WebhookStage.write(good, to: path)
            let secrets = try WebhookSecrets(path: path) { lines.add($0) }
            for _ in 0..<2 {
                try FileManager.default.removeItem(atPath: path)
                for _ in 0..<3 {
                    #expect(secrets.key(of: WebhookStage.tenant, named: "main") == WebhookStage.key)
                }
                #expect(lines.all.last?.contains("cannot be read: No such file or directory; those of before") == true)
                try WebhookStage.write(good, to: path)
                #expect(secrets.key(of: WebhookStage.tenant, named: "main") == WebhookStage.key)
            }
            #expect(lines.all.count { $0.contains("cannot be read") } == 2, "\(lines.all)")
        }
    }

    @Test("A changed file is read again; one that became unusable is said to be, and the secrets of before go on")
    func changed() throws {
        try WebhookStage.withDirectory { directory in
            let path = directory + "/secrets.json"
            let lines = WebhookStage.Lines()
            try WebhookStage.write("{}", to: path)
            let secrets = try WebhookSecrets(path: path) { lines.add($0) }
            #expect(secrets.key(of: WebhookStage.tenant, named: "main") == nil)
            let key = Data(WebhookStage.key).base64EncodedString()
            try WebhookStage.write("{\"\(WebhookStage.tenant)\": {\"main\": \"whsec_\(key)\"}}", to: path)
            #expect(secrets.key(of: WebhookStage.tenant, named: "main") == WebhookStage.key)
            #expect(secrets.key(of: TenantID(raw: 1), named: "main") == nil, "each tenant has its own")
            try WebhookStage.write("{ not JSON, and a secret: \(key)", to: path)
            #expect(secrets.key(of: WebhookStage.tenant, named: "main") == WebhookStage.key)
            #expect(lines.all.count == 2 && lines.all[1].contains("those of before go on"))
            #expect(!lines.all.contains { $0.contains(key) })
        }
    }
}
