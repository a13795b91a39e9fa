import Foundation
import TestPrograms
import Testing

@Suite("A drill's nodes")
struct NodeProcessTests {
    @Test("A node that refuses to begin tells its exit status, and one that does not drain in time is killed")
    func ends() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "tandem-node-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let ports = try FreePorts.find(2)
        let node = NodeProcess(
            number: 1, directory: directory + "/node", executable: ScriptTests.root.path + "/.build/debug/tandemd",
            clientPort: ports[0], peerPort: ports[1], arguments: ["--unheard-of"])
        try node.start()
        #expect(node.waitForEnd(seconds: 60) == 2)
        #expect(node.lastWords().contains("--unheard-of"))
        node.arguments = ["--demo"]
        try node.start()
        #expect(node.waitForEnd(seconds: 0) == nil)
        #expect(node.endedByItself() == nil)
        #expect(!node.terminate(within: 0))
        #expect(node.state == .down)
        try node.start()
        node.kill()
        #expect(node.state == .down)
    }
}
