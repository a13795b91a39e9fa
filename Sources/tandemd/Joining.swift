internal import Foundation
internal import TandemAPI
internal import TandemGateway
internal import TandemRuntime
internal import TandemTransport

/// Where a cluster's node is asked to let this one join.
struct JoinAddress {
    let host: String
    let port: UInt16
    let isSecure: Bool

    init?(_ text: String) {
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty, let scheme = url.scheme,
            ["http", "https"].contains(scheme)
        else { return nil }
        isSecure = scheme == "https"
        guard let port = UInt16(exactly: url.port ?? (isSecure ? 443 : 80)) else { return nil }
        self.host = host
        self.port = port
    }
}

/// Asks a cluster to let this node join, as an operator would.
struct Joining: Sendable {
    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    /// A cluster that has no leader just now is asked again for so long, in seconds.
    private static let patience: TimeInterval = 60
    /// And one that still takes the node's old life, whose process has just ended, for connected.
    private static let patienceForOldLife: TimeInterval = 5

    private let url: String
    private let address: JoinAddress
    private let node: UInt32
    private let listen: String
    private let tokenFile: String
    private let authority: String?

    /// Nil when the options do not ask for it.
    init?(_ options: Options, reachedAt listen: SocketAddress) {
        guard let url = options.join, let address = JoinAddress(url), let tokenFile = options.joinTokenFile else {
            return nil
        }
        self.url = url
        self.address = address
        node = options.node
        self.listen = listen.description
        self.tokenFile = tokenFile
        authority = options.joinAuthority
    }

    /// Waits for the answer; may be asked again with the same disk.
    func join(with disk: UInt64) throws -> JoinGrant {
        Main.say("asking \(url) to let node \(node) join")
        let body = API.NodeAddition(
            node: node, address: listen, disk: disk.sixteenDigits,
            formatMin: Build.formatsRead.lowerBound, formatMax: Build.formatsRead.upperBound)
        let tls = address.isSecure ? try TLSContext(trust: authority.map { .file($0) } ?? .system) : nil
        let client = try HTTPClient(host: address.host, port: address.port, tls: tls)
        let headers: HTTPHeaders = [
            "Authorization": "Bearer \(try token())", "Content-Type": "application/json", "Accept": "application/json",
        ]
        let began = Date.now
        while true {
            let response = try client.send(
                HTTPClientRequest("POST", "/v1/nodes", headers: headers, body: body.encoded()))
            if (200..<300).contains(response.status) { return try grant(response.body) }
            let patience: TimeInterval =
                switch response.status {
                case 503: Self.patience
                case 409: Self.patienceForOldLife
                default: 0
                }
            guard Date.now.timeIntervalSince(began) < patience else {
                let problem = try? JSONValue(parsing: response.body)
                let words = ["title", "detail"].compactMap { problem?[$0]?.text }.joined(separator: ": ")
                throw Trouble(description: "\(url) does not let node \(node) join (\(response.status)): \(words)")
            }
            Thread.sleep(forTimeInterval: 1)
        }
    }

    private func grant(_ bytes: [UInt8]) throws -> JoinGrant {
        let cluster: API.Cluster
        do throws(FieldProblem) {
            cluster = try API.Cluster.decode(bytes)
        } catch {
            throw Trouble(description: "the answer of \(url) cannot be read: \(error)")
        }
        guard let id = ClusterID(cluster.cluster), (1...256).contains(cluster.partitions),
            let replicas = Replicas(rawValue: cluster.replicas)
        else {
            throw Trouble(description: "the answer of \(url) describes no cluster")
        }
        let members = try cluster.nodes.map { member in
            guard let role = ClusterState.Role(word: member.role), member.formatMin <= member.formatMax else {
                throw Trouble(description: "the answer of \(url) describes no node")
            }
            return ClusterState.Member(
                node: member.node, generation: member.generation,
                disk: member.disk.flatMap { UInt64($0, radix: 16) } ?? 0, address: member.address, role: role,
                formats: member.formatMin...member.formatMax)
        }
        let state = ClusterState(
            id: id, name: cluster.name, format: cluster.format, replicas: replicas, members: members)
        let clock = cluster.testClock.flatMap { factor in cluster.testClockSince.map { (factor: factor, wall: $0) } }
        Main.say("node \(node) may join cluster \(cluster.name)")
        return JoinGrant(state: state, partitions: cluster.partitions, testClock: clock)
    }

    private func token() throws -> String {
        do throws(TokenFile.Trouble) {
            return try TokenFile(tokenFile).token()
        } catch {
            throw Trouble(description: "--join-token-file: \(error)")
        }
    }
}
