import Foundation
import TestPrograms
import Testing

@testable import tandemd

/// The scripts and examples of `Cluster/`, as far as they can be tried without building anything.
@Suite("The scripts of a cluster")
struct ScriptTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A folder of its own for a test, gone with it.
    private final class Folder {
        let path = NSTemporaryDirectory() + "tandem-scripts-\(UUID().uuidString)"

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ text: String, to name: String) throws {
            let file = URL(fileURLWithPath: path + "/" + name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
    }

    /// The exit status, and what was said.
    private func run(_ script: String, _ arguments: String...) throws -> (status: Int32, said: String) {
        let run = try ProgramRun(Self.root.appending(path: "Cluster/\(script)").path, arguments)
        return (run.status, run.output)
    }

    @Test("A directory with one node that stands alone is not turned into a cluster")
    func alone() throws {
        let folder = try Folder()
        try folder.write("", to: "node-1/journal/journal-000001.sqlite")
        for arguments in [["--directory", folder.path], ["--directory", folder.path, "--nodes", "3"]] {
            let (status, said) =
                try arguments.count == 2
                ? run("up", arguments[0], arguments[1])
                : run("up", arguments[0], arguments[1], arguments[2], arguments[3])
            #expect(status == 1)
            #expect(said.contains("one node that stands alone"), "\(said)")
            #expect(said.contains("Cluster/up --nodes 1"), "\(said)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/plan"))
    }

    @Test("A cluster keeps its size")
    func size() throws {
        let folder = try Folder()
        try folder.write("nodes=3\nport=7400\npeer_port=7500\n", to: "plan")
        let (status, said) = try run("up", "--directory", folder.path, "--nodes", "5")
        #expect(status == 1)
        #expect(said.contains("a cluster of 3, and stays one"), "\(said)")
    }

    @Test("Ports of clients and of nodes must not overlap")
    func ports() throws {
        let folder = try Folder()
        let (status, said) = try run("up", "--directory", folder.path, "--port", "7400", "--peer-port", "7402")
        #expect(status == 2)
        #expect(said.contains("overlap"), "\(said)")
        #expect(try run("up", "--nodes", "2").status == 2)
    }

    @Test("Stopping what does not run is no error, and a wiped directory is as new")
    func down() throws {
        let folder = try Folder()
        try folder.write("nodes=3\n", to: "plan")
        try folder.write("log", to: "node-2.log")
        try folder.write("", to: "node-2/journal/journal-000001.sqlite")
        try folder.write("mine", to: "mine")
        #expect(try run("down", "--directory", folder.path + "/nowhere").status == 0)
        let (status, said) = try run("down", "--directory", folder.path, "--wipe")
        #expect(status == 0, "\(said)")
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(left == ["lock", "mine"])
    }

    @Test("The configuration of three machines is what tandemd takes", arguments: 1...3)
    func configuration(node: Int) throws {
        let path = Self.root.appending(path: "Cluster/topologies/three-machines/node-\(node).json5").path
        let outcome = Arguments.parse(
            ["--config", path, "--directory", "d", "--peer-key", "k"], environment: [:]
        ) { try? String(contentsOfFile: $0, encoding: .utf8) }
        guard case .run(let options) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(options.node == UInt32(node))
        #expect(options.members.count == 3)
        #expect(options.peerCertificate == "/etc/tandem/node-\(node).pem")
    }
}
