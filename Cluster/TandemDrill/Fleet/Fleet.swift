internal import Foundation
internal import TandemTransport
internal import TestPrograms

/// The nodes of a cluster that is about to be broken, and the wires between them; conducted by one thread.
final class Fleet {
    let nodes: [NodeProcess]
    /// Nil where there is one node.
    let links: Links?
    let directory: String
    private(set) var disks: [SmallDisk]

    /// - Parameters:
    ///   - disksMebibytes: each node on a file system of its own of this size; nil: all on that of `directory`
    init(count: Int, directory: String, executable: String, disksMebibytes: Int? = nil) throws {
        self.directory = directory
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let ports = try FreePorts.find(2 * count)
        let peers = Array(ports[count...])
        links = count == 1 ? nil : try Links(peers: peers.map { try SocketAddress(host: "127.0.0.1", port: $0) })
        var nodes: [NodeProcess] = []
        var disks: [SmallDisk] = []
        for number in 1...count {
            let home = "\(directory)/node-\(number)"
            if let disksMebibytes {
                disks.append(try SmallDisk(mebibytes: disksMebibytes, at: home))
            }
            var arguments: [String] = []
            if let links {
                let members = (1...count).map { other in
                    let port = other == number ? peers[number - 1] : links.port(from: number, to: other) ?? 0
                    return "\(other)=127.0.0.1:\(port)"
                }
                arguments += ["--node", "\(number)", "--cluster", "drill", "--members", members.joined(separator: ",")]
                arguments += ["--peer-listen", "127.0.0.1:\(peers[number - 1])"]
            }
            if number == 1 { arguments += ["--demo", "--demo-file", Self.demoPath(in: directory)] }
            nodes.append(
                NodeProcess(
                    number: number, directory: home, executable: executable, clientPort: ports[number - 1],
                    peerPort: peers[number - 1], arguments: arguments))
        }
        self.nodes = nodes
        self.disks = disks
    }

    private static func demoPath(in directory: String) -> String { directory + "/demo.json" }
    var demoPath: String { Self.demoPath(in: directory) }

    subscript(number: Int) -> NodeProcess { nodes[number - 1] }

    /// So many may be out of order at once while the others are a majority.
    var minority: Int { (nodes.count - 1) / 2 }

    func start() throws { for node in nodes { try node.start() } }

    /// Everything as it should be: wires whole, disks with room, everybody running.
    func heal() throws {
        links?.heal()
        for disk in disks { disk.makeRoom() }
        for node in nodes {
            node.resume()
            if node.state == .down { try node.start() }
        }
    }

    /// Nodes must be down. What is on them stays in their files, `node-N.image`.
    func unmountDisks() { disks = [] }

    /// Ends all nodes at once, and the wires.
    func stop() {
        for node in nodes { node.kill() }
        links?.stop()
    }
}
