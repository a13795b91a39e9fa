import Foundation
import TestPrograms
import Testing

@testable import TandemTransport

/// What `Cluster/certificates` makes, in a directory of its own that goes with it.
final class ClusterCertificates {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Cluster/certificates")

    let directory = FileManager.default.temporaryDirectory.appending(path: "tandem-peers-\(UUID().uuidString)")

    /// The authority, and certificates for nodes 1 to `nodes`.
    init(nodes: Int) throws {
        let run = try Self.run(["--directory", directory.path, "--nodes", "\(nodes)"])
        try #require(run.status == 0, "\(run.errors)")
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func file(_ name: String) -> String { directory.appending(path: name).path }

    /// The security of `node`, trusting its own authority or that of another cluster.
    func security(of node: UInt32, trusting authority: ClusterCertificates? = nil) throws -> PeerSecurity {
        try PeerSecurity(
            node: PeerID(node), authorityFile: (authority ?? self).file("authority.pem"),
            certificateFile: file("node-\(node).pem"), keyFile: file("node-\(node).key"))
    }

    static func run(_ arguments: [String]) throws -> ProgramRun {
        try ProgramRun(script.path, arguments, apart: true)
    }
}
