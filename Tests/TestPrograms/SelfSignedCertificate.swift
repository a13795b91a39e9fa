internal import Foundation

/// A self-signed certificate and its key, in a folder that goes with it.
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

    /// - Parameters:
    ///   - names: as OpenSSL writes a certificate's other names
    ///   - isExpired: it was good for two days in 2020
    package init(names: String = "DNS:localhost,IP:127.0.0.1", isExpired: Bool = false) throws {
        guard let tool = Self.tool else { throw NotMade(description: "the openssl command is not installed") }
        folder = FileManager.default.temporaryDirectory.appending(path: "tandem-certificate-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile]
        guard isExpired else {
            try Self.run(
                tool,
                ["req", "-x509", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=\(names)"] + key
                    + ["-out", certificateFile])
            return
        }
        // Only as an authority does it write the times that it is told.
        let configuration = folder + "/authority.cnf"
        let words = """
            [ca]
            default_ca = own
            [own]
            database = \(folder)/index
            new_certs_dir = \(folder)
            default_md = sha256
            rand_serial = yes
            policy = any
            x509_extensions = extensions
            [any]
            commonName = supplied
            [extensions]
            subjectAltName = \(names)
            basicConstraints = critical, CA:TRUE

            """
        try Data(words.utf8).write(to: URL(fileURLWithPath: configuration))
        try Data().write(to: URL(fileURLWithPath: folder + "/index"))
        let request = folder + "/request.pem"
        try Self.run(tool, ["req", "-new", "-subj", "/CN=localhost"] + key + ["-out", request])
        try Self.run(
            tool,
            [
                "ca", "-batch", "-selfsign", "-notext", "-config", configuration, "-keyfile", keyFile,
                "-in", request, "-startdate", "20200101000000Z", "-enddate", "20200103000000Z",
                "-out", certificateFile,
            ])
    }

    private static func run(_ tool: String, _ arguments: [String]) throws {
        let run = try ProgramRun(tool, arguments)
        guard run.status == 0 else { throw NotMade(description: run.output) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}
