internal import Foundation

/// A self-signed certificate for `localhost` and 127.0.0.1 and its key, in a folder that goes with it.
package final class SelfSignedCertificate: Sendable {
    /// The openssl command, which makes it; nil where it is not installed.
    package static let tool: String? = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    package struct NotMade: Error, CustomStringConvertible {
        package let description: String
    }

    package let folder: String
    package var certificateFile: String { folder + "/certificate.pem" }
    package var keyFile: String { folder + "/key.pem" }

    package init() throws {
        guard let tool = Self.tool else { throw NotMade(description: "the openssl command is not installed") }
        folder = FileManager.default.temporaryDirectory.appending(path: "tandem-certificate-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let run = try ProgramRun(
            tool,
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", folder + "/key.pem", "-out", folder + "/certificate.pem",
            ])
        guard run.status == 0 else { throw NotMade(description: run.output) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}
