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
    /// None where nodes have the machine's.
    let clocks: [WallClockFile]
    private let certificates: Certificates?

    /// - Parameters:
    ///   - disksMebibytes: each node on a file system of its own of this size; nil: all on that of `directory`
    ///   - isSecured: nodes speak TLS to each other
    ///   - hasOwnClocks: each node's wall clock can be set by itself
    init(
        count: Int, directory: String, executable: String, disksMebibytes: Int? = nil, isSecured: Bool = false,
        hasOwnClocks: Bool = false
    ) throws {
        self.directory = directory
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let ports = try FreePorts.find(2 * count)
        let peers = Array(ports[count...])
        links = count == 1 ? nil : try Links(peers: peers.map { try SocketAddress(host: "127.0.0.1", port: $0) })
        certificates = isSecured ? try Certificates(nodes: count, in: directory + "/certificates") : nil
        var nodes: [NodeProcess] = []
        var disks: [SmallDisk] = []
        clocks = hasOwnClocks ? (1...count).map { WallClockFile("\(directory)/node-\($0).clock") } : []
        for number in 1...count {
            let home = "\(directory)/node-\(number)"
            if let disksMebibytes {
                disks.append(try SmallDisk(mebibytes: disksMebibytes, at: home))
            }
            var arguments: [String] = []
            if let links {
                let dialled = (1...count).map { other in
                    other == number ? peers[number - 1] : links.port(from: number, to: other) ?? 0
                }
                arguments += NodeArguments.founding("drill", as: number, peers: dialled)
            }
            arguments += certificates?.arguments(of: number) ?? []
            if number == 1 { arguments += ["--demo", "--demo-file", Self.demoPath(in: directory)] }
            if hasOwnClocks { arguments += clocks[number - 1].arguments }
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

    /// What is started next in the place of `number` knows nothing and asks `other` to let it in. From then on the others
    /// reach it where it listens, and not through the links.
    func rejoin(_ number: Int, through other: Int) {
        let node = self[number]
        node.arguments =
            NodeArguments.joining(self[other].clientPort, as: number, tokens: demoPath, at: node.peerPort)
            + (certificates?.arguments(of: number) ?? []) + (clocks.isEmpty ? [] : clocks[number - 1].arguments)
    }

    func start() throws { for node in nodes { try node.start() } }

    /// Everything as it should be: wires whole, disks with room, everybody running.
    func heal() throws {
        links?.heal()
        for disk in disks { disk.makeRoom() }
        for clock in clocks { clock.set(aheadMilliseconds: 0) }
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
