internal import Foundation
internal import Glibc
internal import TandemGateway
internal import TandemJournal
internal import TandemRuntime
internal import TandemTransport

/// `tandemd`: one node of a contact centre.
@main
enum Main {
    /// Not asynchronous itself: the main thread of an asynchronous one takes every signal, and would end the process
    /// before it has drained.
    static func main() {
        // What customers said and who may ask for it is for the node's own user.
        umask(0o077)
        let outcome = Arguments.parse(
            Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment
        ) { try? String(contentsOfFile: $0, encoding: .utf8) }
        switch outcome {
        case .help: print(Arguments.help)
        case .version: print(Build.words)
        case .mistakes(let mistakes):
            for mistake in mistakes { say("tandemd: \(mistake)") }
            exit(2)
        case .run(let options):
            // Ended in the middle it is begun anew; there is nothing to drain.
            if let backup = options.restore { exit(restore(backup, options)) }
            SignalWatcher.prepare()
            Task.detached {
                do {
                    try await run(options)
                    exit(0)
                } catch {
                    say("tandemd: \(error)")
                    exit(1)
                }
            }
            while true { pause() }
        }
    }

    /// Makes a directory of a backup; the exit status.
    private static func restore(_ backup: String, _ options: Options) -> Int32 {
        say("restoring \(backup) into \(options.directory)")
        let restoring = Restoring(
            backup, into: options.directory, node: options.node, name: options.cluster, tell: { say($0) })
        do throws(RestoreError) {
            print(words(for: try restoring.run(), in: options.directory))
            return 0
        } catch {
            say("tandemd: \(error)")
            return 1
        }
    }

    /// What was made, and how it is started: with what is fixed with the directory.
    private static func words(for node: RestoredNode, in directory: String) -> String {
        var start = "tandemd --directory \(directory)"
        if node.node != Options().node { start += " --node \(node.node)" }
        if node.partitions != Options().partitions { start += " --partitions \(node.partitions)" }
        if let factor = node.testClock { start += " --test-clock \(factor)" }
        return """
            restored from the backup \(node.label): \(node.partitions) partitions, \(node.files) files, \(node.bytes) bytes
            it is node \(node.node), alone so far, of the new cluster "\(node.clusterName)" (\(node.cluster))
            start it with: \(start)
            """
    }

    private static func run(_ options: Options) async throws {
        let started = ContinuousClock.now
        if Build.isTest { say(Build.testWarning) }
        let certificate = try ServerCertificate(options)
        let log = RequestLog(options.logRequests) { FileHandle.standardError.write(Data($0.utf8)) }
        let webhooks = try makeWebhooks(options, log)
        // For the files that the node opens; how many partitions a node that joined has is known afterwards.
        _ = try Descriptors.makeRoom(for: options.connectionsMax, partitions: options.partitions)
        try FileManager.default.createDirectory(atPath: options.directory, withIntermediateDirectories: true)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let loops = try EventLoopGroup(count: options.loops > 0 ? options.loops : min(cores, options.partitions))
        loops.start()
        // Signals wait until there is something to drain.
        let stop = AsyncStream<ProcessSignal>.makeStream()
        let watcher = try SignalWatcher(on: loops.next()) { stop.continuation.yield($0) }
        defer { withExtendedLifetime(watcher) {} }

        var configuration = try nodeConfiguration(options)
        configuration.performer = webhooks
        let clock = try options.testWallFile.map(SteppedClock.init(path:))
        if let path = options.testWallFile { say("TEST: the wall clock is set forward or back by \(path)") }
        let node = try Node(configuration, loops: loops, clock: clock ?? SystemClock())
        say("opened \(options.directory) as node \(options.node), life \(node.incarnation)")
        if let backup = node.restoredFrom {
            say("restored from the backup \(backup): what was acknowledged after it is not here")
        }
        if let factor = options.testClock { say("the contact centre's clock runs \(factor) times as fast") }
        let connections = try Descriptors.makeRoom(for: options.connectionsMax, partitions: node.partitionCount)
        if connections < options.connectionsMax {
            say("serves \(connections) connections at once: the limit of open files (ulimit -n) allows no more")
        }
        webhooks.start(connectionsMax: node.partitionCount * Partition.effectsMax)
        try await node.start { partition, found in
            if found.last > 0 {
                say("partition \(partition): \(found.records) records, \(found.entries) entries after them")
            }
        }
        node.journal.onHealthChange { log.say("journal: \(words(for: $0))") }
        if node.journal.health != .ok { say("journal: \(words(for: node.journal.health))") }
        let gateway = try makeGateway(node, options, certificate, connections, log)
        // Alone it serves only what is whole; in a cluster what takes a majority may take a while, and be given up.
        if !node.isClustered { try await makeFirstRecords(node, options) }
        let address = try gateway.start()
        let url = "\(certificate == nil ? "http" : "https")://\(address)"
        let opening = Task {
            if node.isClustered {
                let count = options.members.count
                say("serving \(url), looking for \(count == 0 ? "who leads" : "a majority of \(count) nodes")")
                try await makeFirstRecords(node, options)
                while !node.isCurrent { try await Task.sleep(for: .milliseconds(20)) }
                gateway.open()
            }
            say("ready on \(url) after \(started.duration(to: .now))")
            tellReach(options, isPlain: certificate == nil)
        }
        Task {
            // Without its first records nobody can use it: that ends it like any other mistake of the start.
            do { try await opening.value } catch { stop.continuation.finish() }
        }

        var isAsked = false
        for await signal in stop.stream where signal != .hangUp {
            isAsked = true
            break
        }
        opening.cancel()
        if !isAsked { try await opening.value }
        say("draining: what it leads is handed over, no new sessions, what is under way finishes")
        gateway.turnAway()
        let left = await node.handOver()
        if node.isClustered { say(left == 0 ? "leads nothing any more" : "groups that nobody took: \(left)") }
        gateway.drain()
        await node.stop()
        webhooks.stop()
        loops.stop()
        log.finish()
        say("stopped")
    }

    /// Who can reach it, where that may surprise.
    private static func tellReach(_ options: Options, isPlain: Bool) {
        if Arguments.isLoopback(options.host) {
            say("only this machine can reach it: --listen names another address")
        } else if isPlain {
            say(
                "tokens and messages pass in the clear: --tls-certificate and --tls-key, or a proxy in front, keep them"
            )
        }
    }

    /// What there has to be before anybody can do anything: tokens.
    private static func makeFirstRecords(_ node: Node, _ options: Options) async throws {
        if node.hasJoined { return }
        if options.demo {
            try await Demonstration(node).ensure(at: options.demoFile ?? options.directory + "/demo.json")
        } else if options.members.keys.min() ?? options.node == options.node {
            // One of those who found a cluster is enough: its token is good on all nodes.
            try await FirstCredential(node).ensure(in: options.directory)
        }
    }

    private static func clusterConfiguration(_ options: Options) throws -> ClusterConfiguration? {
        var members: [UInt32: SocketAddress] = [:]
        for (node, endpoint) in options.members { members[node] = try endpoint.address }
        guard let listen = try options.peerListen?.address ?? members[options.node] else { return nil }
        var security: PeerSecurity?
        if let authority = options.peerAuthority, let certificate = options.peerCertificate, let key = options.peerKey {
            try PrivateFile.check(key, option: "--peer-key")
            security = try PeerSecurity(
                node: PeerID(options.node), authorityFile: authority, certificateFile: certificate, keyFile: key)
        } else if !listen.isLoopback {
            say("nodes speak in the clear and believe who they say they are: --peer-ca, --peer-certificate, --peer-key")
        }
        var cluster = ClusterConfiguration(
            name: options.cluster ?? "", members: members, listen: listen, security: security
        ) { say($0) }
        cluster.replicas = options.replicas
        if let joining = Joining(options, reachedAt: listen) { cluster.join = { try joining.join(with: $0) } }
        return cluster
    }

    private static func makeGateway(
        _ node: Node, _ options: Options, _ certificate: ServerCertificate?, _ connections: Int, _ log: RequestLog
    ) throws -> Gateway {
        var gateway = Gateway.Options(address: try SocketAddress(host: options.host, port: options.port))
        gateway.isConformance = options.conformance
        gateway.isOpen = !node.isClustered
        gateway.tls = certificate?.context
        gateway.limits.connectionsMax = connections
        gateway.onRequest = { log.add($0) }
        gateway.live = LiveEdge(node: node)
        return Gateway(node: node, options: gateway)
    }

    private static func nodeConfiguration(_ options: Options) throws -> Node.Configuration {
        var configuration = Node.Configuration(directory: options.directory)
        configuration.partitions = options.partitions
        configuration.node = options.node
        configuration.testClock = options.testClock
        configuration.retentionDays = options.retentionDays
        configuration.cluster = try clusterConfiguration(options)
        configuration.alarm = { partition, what in say("partition \(partition): \(what)") }
        return configuration
    }

    /// Its lines are driven by receivers: they do not wait for whoever reads them.
    private static func makeWebhooks(_ options: Options, _ log: RequestLog) throws -> WebhookSender {
        let secrets = try WebhookSecrets(path: options.webhookSecrets) { log.say($0) }
        var webhooks = WebhookSender.Options(
            secrets: secrets, wall: { Int64(Date.now.timeIntervalSince1970) }, log: { log.say($0) })
        webhooks.reachesPrivate = options.webhookPrivate
        if let authority = options.webhookAuthority { webhooks.trust = .file(authority) }
        return try WebhookSender(webhooks)
    }

    private static func words(for health: JournalHealth) -> String {
        switch health {
        case .ok: "there is room again, writing goes on"
        case .diskFull: "the disk is full; writes are refused, reads go on, and so does writing when there is room"
        case .failed(let cause): "writing failed and is not tried again before a restart; reads go on: \(cause)"
        }
    }

    /// A line for the log; ids and numbers, never what people said.
    static func say(_ line: String) {
        FileHandle.standardError.write(Data("\(stamp(.now)) \(line)\n".utf8))
    }

    /// What a line of the log begins with.
    static func stamp(_ time: Date) -> String { time.formatted(.iso8601.time(includingFractionalSeconds: true)) }
}
