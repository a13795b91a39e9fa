internal import Foundation
internal import TandemRuntime

/// Reads the options from the command line, the environment and the file, as a whole: every mistake is told at once.
struct Arguments {
    enum Outcome: Equatable {
        case run(Options)
        case help
        case version
        /// One line each.
        case mistakes([String])
    }

    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - read: the text of a configuration file, nil when it cannot be read.
    static func parse(
        _ arguments: [String], environment: [String: String], read: (String) -> String?
    ) -> Outcome {
        var mistakes: [String] = []
        var given: [String: (text: String, from: String)] = [:]
        var file = environment["TANDEM_CONFIG"]
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--help" || argument == "-h" { return .help }
            if argument == "--version" { return .version }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0].dropFirst(2))
            let setting = Setting.all.first { $0.name == name }
            guard argument.hasPrefix("--"), setting != nil || name == "config" else {
                mistakes.append("\(argument): there is no such flag; --help lists them")
                continue
            }
            if let setting, case .flag = setting.kind {
                given[name] = (parts.count == 2 ? String(parts[1]) : "true", "--\(name)")
            } else if let text = parts.count == 2 ? String(parts[1]) : rest.popFirst() {
                if name == "config" { file = text } else { given[name] = (text, "--\(name)") }
            } else {
                mistakes.append("--\(name): its value is missing")
            }
        }
        for setting in Setting.all where given[setting.name] == nil {
            if let text = environment[setting.variable] { given[setting.name] = (text, setting.variable) }
        }
        if let file { takeFile(file, read(file), into: &given, &mistakes) }
        var options = Options()
        for setting in Setting.all {
            guard let (text, from) = given[setting.name] else { continue }
            if let wrong = setting.take(text, &options) { mistakes.append("\(from): \"\(text)\" \(wrong)") }
        }
        let typed = given.filter { $0.value.from.hasPrefix("--") }
        mistakes += conflicts(options, given: Set(given.keys), typed: Set(typed.keys))
        return mistakes.isEmpty ? .run(options) : .mistakes(mistakes)
    }

    /// A JSON5 object whose keys are those of `Setting.all`.
    private static func takeFile(
        _ path: String, _ text: String?, into given: inout [String: (text: String, from: String)],
        _ mistakes: inout [String]
    ) {
        guard let text else { return mistakes.append("\(path): cannot be read") }
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        guard let object = try? decoder.decode([String: Scalar].self, from: Data(text.utf8)) else {
            return mistakes.append("\(path): is not a JSON5 object of texts, numbers, true and false")
        }
        for key in object.keys.sorted() {
            guard let setting = Setting.all.first(where: { $0.key == key }) else {
                mistakes.append("\(path): there is no key \"\(key)\"")
                continue
            }
            guard given[setting.name] == nil, let value = object[key] else { continue }
            given[setting.name] = (value.text, "\(path), \(key)")
        }
    }

    /// A value of the file, as it would stand on the command line.
    private struct Scalar: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                text = "\(flag)"
            } else if let number = try? container.decode(Int64.self) {
                text = "\(number)"
            } else {
                text = try container.decode(String.self)
            }
        }
    }

    /// - Parameter typed: those of what was given that stand on the command line.
    private static func conflicts(_ options: Options, given: Set<String>, typed: Set<String>) -> [String] {
        var mistakes: [String] = []
        if !given.contains("directory") {
            mistakes.append("--directory is missing: say where the node keeps its journal and state")
        }
        if options.demo, !isLoopback(options.host) {
            mistakes.append(
                "--demo with --listen \(options.host): the demonstration's tokens are for everybody to read, so it "
                    + "listens on a loopback address only")
        }
        if (options.tlsCertificate == nil) != (options.tlsKey == nil) {
            mistakes.append("--tls-certificate and --tls-key go together: one of them is missing")
        }
        mistakes += options.restore == nil ? clusterConflicts(options, given) : restoreConflicts(given, typed)
        let isOpen = !isLoopback(options.host) || options.peerListen.map { !isLoopback($0.host) } ?? false
        if options.testWallFile != nil, !options.conformance || isOpen {
            mistakes.append(
                "--test-wall-file makes a node's clock wrong on purpose: it takes --conformance, and loopback addresses only"
            )
        }
        if options.demoFile != nil, !options.demo { mistakes.append("--demo-file without --demo does nothing") }
        return mistakes
    }

    /// A restored node is the first of its cluster, and has its data. What does nothing is refused where it was typed: the file
    /// and the environment are those of the node that is started then.
    private static func restoreConflicts(_ given: Set<String>, _ typed: Set<String>) -> [String] {
        let contradicts = ["members", "join", "demo"]
        let takes = ["restore", "directory", "node", "cluster"] + contradicts
        return contradicts.filter(given.contains).map {
            "--restore with --\($0): a restored node begins a cluster of its own, with what the backup holds"
        }
            + typed.subtracting(takes).sorted().map {
                "--restore with --\($0), which does nothing: it makes the directory, and starts no node"
            }
    }

    private static func clusterConflicts(_ options: Options, _ given: Set<String>) -> [String] {
        var mistakes: [String] = []
        let founds = given.contains("cluster") || given.contains("members")
        guard founds || given.contains("peer-listen") else {
            for name in ["peer-ca", "peer-certificate", "peer-key", "replicas"] where given.contains(name) {
                mistakes.append("--\(name) without --cluster and --members, or --peer-listen, does nothing")
            }
            if given.contains("join") {
                mistakes.append("--join without --peer-listen: the other nodes have to reach this one")
            }
            return mistakes
        }
        if given.contains("join"), given.contains("replicas") {
            mistakes.append("--replicas with --join: the cluster has its own; `tandem replicas set` changes it")
        }
        if given.contains("join"), founds {
            mistakes.append("--join with --cluster and --members: a node joins a cluster or founds one")
        } else if given.contains("join") != given.contains("join-token-file") {
            mistakes.append("--join and --join-token-file go together: one of them is missing")
        }
        if !founds {
            // It is alone, or joins.
        } else if !given.contains("cluster") || !given.contains("members") {
            mistakes.append("--cluster and --members go together: one of them is missing")
        } else if options.members[options.node] == nil {
            mistakes.append("--members does not name node \(options.node), which this is (--node)")
        } else if options.members.count < 3 || options.members.count % 2 == 0
            || options.members.count > ClusterState.membersMax
        {
            mistakes.append(
                "--members names \(options.members.count): a cluster is founded by 3 nodes to survive the loss of one, or "
                    + "by 5 to survive the loss of two")
        }
        let security = [options.peerAuthority, options.peerCertificate, options.peerKey]
        if security.contains(where: { $0 == nil }), security.contains(where: { $0 != nil }) {
            mistakes.append("--peer-ca, --peer-certificate and --peer-key go together: one of them is missing")
        }
        return mistakes
    }

    static func isLoopback(_ host: String) -> Bool {
        host.hasPrefix("127.") || host == "::1" || host == "[::1]" || host == "localhost"
    }

    static var help: String {
        var lines = [
            "Usage: tandemd --directory DIR [options]", "",
            "Runs one node of a contact centre. Every option is also a key of the configuration file (JSON5) and an",
            "environment variable; the command line goes before the environment, the environment before the file.", "",
        ]
        let flags = Setting.all.map { setting in
            switch setting.kind {
            case .flag: "--\(setting.name)"
            case .value(let name): "--\(setting.name) \(name)"
            }
        }
        let width = (flags.map(\.count).max() ?? 0) + 2
        func add(_ flag: String, _ help: String) {
            lines.append("  " + flag.padding(toLength: width, withPad: " ", startingAt: 0) + help)
        }
        for (flag, setting) in zip(flags, Setting.all) {
            add(flag, setting.help)
        }
        add("--config FILE", "the configuration file")
        add("--version", "which build this is, and the formats it reads and writes")
        lines += ["", "In the environment --test-clock is TANDEM_TEST_CLOCK, in the file testClock; so with all."]
        return lines.joined(separator: "\n")
    }
}
