internal import Foundation
internal import TestPrograms

/// What the nodes of a fleet know each other by: an authority of the run's own, and a certificate for each node, made by
/// the script that operators use.
struct Certificates {
    private let directory: String

    struct NotMade: Error, CustomStringConvertible {
        let description: String
    }

    init(nodes: Int, in directory: String) throws {
        self.directory = directory
        let script = try Self.script()
        let run = try ProgramRun(script, ["--directory", directory, "--nodes", "\(nodes)"])
        guard run.status == 0 else { throw NotMade(description: "no certificates: \(run.output)") }
    }

    /// `Cluster/certificates` of the tree that this program was built in.
    private static func script() throws -> String {
        var folder = Program.own
        while folder.path != "/" {
            folder = folder.deletingLastPathComponent()
            let path = folder.appending(path: "Cluster/certificates").path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw NotMade(description: "Cluster/certificates is not above \(Program.own.path)")
    }

    /// With which a node speaks TLS to the others.
    func arguments(of node: Int) -> [String] {
        [
            "--peer-ca", directory + "/authority.pem", "--peer-certificate", directory + "/node-\(node).pem",
            "--peer-key", directory + "/node-\(node).key",
        ]
    }
}
