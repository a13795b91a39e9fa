internal import TandemRuntime

/// One thing that can be set: in the file as `key`, on the command line as `--key`, in the environment as `TANDEM_KEY`.
///
/// The command line goes before the environment, the environment before the file.
struct Setting: Sendable {
    enum Kind: Sendable {
        /// A flag without a value.
        case flag
        /// The name that help shows for the value.
        case value(String)
    }

    /// As on the command line, without the dashes: words joined by hyphens.
    let name: String
    let kind: Kind
    let help: String
    /// Takes the text into the options; says what is wrong with it, or nil.
    let take: @Sendable (String, inout Options) -> String?

    /// As in the file: `testClock`.
    var key: String {
        let words = name.split(separator: "-")
        return words.dropFirst().reduce(String(words[0])) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    }

    /// As in the environment: `TANDEM_TEST_CLOCK`.
    var variable: String { "TANDEM_" + name.uppercased().split(separator: "-").joined(separator: "_") }
}

/// How a node is started.
struct Options: Equatable {
    var directory = ""
    var host = "127.0.0.1"
    var port: UInt16 = 7400
    var partitions = 8
    var loops = 0
    var node: UInt32 = 1
    var cluster: String?
    /// Where each node of the cluster is reached by this one, as `host:port`.
    var members: [UInt32: Endpoint] = [:]
    var replicas: Replicas?
    var peerListen: Endpoint?
    /// The node that is asked to let this one join, and the token it is asked with.
    var join: String?
    var joinTokenFile: String?
    var joinAuthority: String?
    var peerAuthority: String?
    var peerCertificate: String?
    var peerKey: String?
    /// The backup of which the directory is made, before the node is started.
    var restore: String?
    var demo = false
    var demoFile: String?
    var conformance = false
    var testClock: Int64?
    var testWallFile: String?
    var connectionsMax = 20_000
    var logRequests = RequestLog.Level.failed
    var retentionDays = 400
    var tlsCertificate: String?
    var tlsKey: String?
    var webhookSecrets: String?
    var webhookAuthority: String?
    var webhookPrivate = false
}

extension Setting {
    static let all: [Setting] = [
        Setting(name: "directory", kind: .value("DIR"), help: "where the node keeps its journal and state; required") {
            $1.directory = $0
            return $0.isEmpty ? "names no directory" : nil
        },
        Setting(name: "listen", kind: .value("ADDRESS:PORT"), help: "where clients connect (127.0.0.1:7400)") {
            guard let endpoint = Endpoint($0) else { return "is not an address and a port, such as 127.0.0.1:7400" }
            $1.host = endpoint.host
            $1.port = endpoint.port
            return nil
        },
        Setting(
            name: "partitions", kind: .value("N"), help: "units of order, fixed for the life of a cluster (8)",
            take: number(in: 1...256) { $1.partitions = $0 }),
        Setting(
            name: "loops", kind: .value("N"), help: "threads that serve sockets and partitions (one per core)",
            take: number(in: 1...256) { $1.loops = $0 }),
        Setting(
            name: "node", kind: .value("N"), help: "this node's number in its cluster (1)",
            take: number(in: 1...65_535) { $1.node = UInt32($0) }),
        Setting(
            name: "cluster", kind: .value("NAME"), help: "the cluster that it founds, the same on all its nodes",
            take: text { $1.cluster = $0 }),
        Setting(
            name: "members", kind: .value("N=ADDRESS:PORT,…"),
            help: "the nodes that found it, this one too: where this node reaches each"
        ) {
            for part in $0.split(separator: ",", omittingEmptySubsequences: false) {
                let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
                guard sides.count == 2, let node = UInt32(sides[0]), (1...65_535).contains(node),
                    let endpoint = Endpoint(sides[1]), $1.members.updateValue(endpoint, forKey: node) == nil
                else { return "is not a list such as 1=10.0.0.1:7500,2=10.0.0.2:7500,3=10.0.0.3:7500" }
            }
            return nil
        },
        Setting(
            name: "replicas", kind: .value("N"),
            help: "how many nodes vote for each partition when it is founded, 3 or 5 (5 of five founders, else 3)"
        ) {
            $1.replicas = UInt8($0).flatMap { Replicas(rawValue: $0) }
            return $1.replicas == nil ? "is neither 3, to survive the loss of one node, nor 5, to survive two" : nil
        },
        Setting(
            name: "peer-listen", kind: .value("ADDRESS:PORT"),
            help: "where the other nodes reach this one (its own entry in --members); alone: so that others can join"
        ) {
            $1.peerListen = Endpoint($0)
            return $1.peerListen == nil ? "is not an address and a port, such as 10.0.0.1:7500" : nil
        },
        Setting(
            name: "join", kind: .value("URL"),
            help: "a node of the cluster that this one joins when its directory is made; with --peer-listen"
        ) {
            $1.join = $0
            return JoinAddress($0) == nil ? "is not an address such as http://10.0.0.1:7400" : nil
        },
        Setting(
            name: "join-token-file", kind: .value("FILE[:KEY]"),
            help: "an administrator's token to ask with: the file's text, or what JSON has under KEY",
            take: text { $1.joinTokenFile = $0 }),
        Setting(
            name: "join-ca", kind: .value("FILE"),
            help: "whom to trust when it is asked over https (PEM; the system's authorities)",
            take: text { $1.joinAuthority = $0 }),
        Setting(
            name: "peer-ca", kind: .value("FILE"), help: "the cluster's own authority (PEM): nodes speak TLS",
            take: text { $1.peerAuthority = $0 }),
        Setting(
            name: "peer-certificate", kind: .value("FILE"), help: "this node's certificate (PEM), of that authority",
            take: text { $1.peerCertificate = $0 }),
        Setting(
            name: "peer-key", kind: .value("FILE"), help: "its private key (PEM), not for everybody to read",
            take: text { $1.peerKey = $0 }),
        Setting(
            name: "restore", kind: .value("BACKUP"),
            help: "make DIR of a backup, as node N (--node) of a new cluster (--cluster), and end; others join it then",
            take: text { $1.restore = $0 }),
        Setting(
            name: "connections-max", kind: .value("N"), help: "connections served at once (20000)",
            take: number(in: 1...1_000_000) { $1.connectionsMax = $0 }),
        Setting(
            name: "retention-days", kind: .value("N"),
            help: "keep the events of closed conversations so long; 0: for ever (400)",
            take: number(in: 0...36_500) { $1.retentionDays = $0 }),
        Setting(
            name: "tls-certificate", kind: .value("FILE"),
            help: "serve HTTPS and WSS with this certificate chain (PEM); needs --tls-key",
            take: text { $1.tlsCertificate = $0 }),
        Setting(
            name: "tls-key", kind: .value("FILE"), help: "its private key (PEM), not for everybody to read",
            take: text { $1.tlsKey = $0 }),
        Setting(
            name: "webhook-secrets", kind: .value("FILE"),
            help: "what webhooks are signed with: JSON, by tenant and name; not for everybody to read",
            take: text { $1.webhookSecrets = $0 }),
        Setting(
            name: "webhook-ca", kind: .value("FILE"),
            help: "whom to trust when webhooks are told over https (PEM; the system's authorities)",
            take: text { $1.webhookAuthority = $0 }),
        Setting(
            name: "webhook-private", kind: .flag,
            help: "let webhooks name addresses of this machine and of private networks",
            take: flag { $1.webhookPrivate = $0 }),
        Setting(
            name: "log-requests", kind: .value("WHICH"),
            help: "log the answers that failed (500 on), are refused (400 on), all, or none (failed)"
        ) {
            guard let level = RequestLog.Level(rawValue: $0) else {
                return "is none of " + RequestLog.Level.allCases.map(\.rawValue).joined(separator: ", ")
            }
            $1.logRequests = level
            return nil
        },
        Setting(
            name: "demo", kind: .flag, help: "make a demonstration tenant; loopback addresses only",
            take: flag { $1.demo = $0 }),
        Setting(
            name: "demo-file", kind: .value("FILE"), help: "write the demonstration's tokens there (DIR/demo.json)",
            take: text { $1.demoFile = $0 }),
        Setting(
            name: "conformance", kind: .flag, help: "serve /conformance/echo for foreign test suites",
            take: flag { $1.conformance = $0 }),
        Setting(
            name: "test-clock", kind: .value("N"),
            help: "run the contact centre's clock N times as fast; the directory keeps to it for good",
            take: number(in: 2...100_000) { $1.testClock = Int64($0) }),
        Setting(
            name: "test-wall-file", kind: .value("FILE"),
            help:
                "for drills, with --conformance on loopback addresses: FILE sets this node's wall clock forward or back",
            take: text { $1.testWallFile = $0 }),
    ]

    private static func number(
        in range: ClosedRange<Int>, _ set: @escaping @Sendable (Int, inout Options) -> Void
    ) -> @Sendable (String, inout Options) -> String? {
        { text, options in
            guard let number = Int(text), range.contains(number) else {
                return "is not a whole number from \(range.lowerBound) to \(range.upperBound)"
            }
            set(number, &options)
            return nil
        }
    }

    private static func text(
        _ set: @escaping @Sendable (String, inout Options) -> Void
    ) -> @Sendable (String, inout Options) -> String? {
        { text, options in
            guard !text.isEmpty else { return "names nothing" }
            set(text, &options)
            return nil
        }
    }

    private static func flag(
        _ set: @escaping @Sendable (Bool, inout Options) -> Void
    ) -> @Sendable (String, inout Options) -> String? {
        { text, options in
            guard let on = Bool(text) else { return "is neither true nor false" }
            set(on, &options)
            return nil
        }
    }
}
