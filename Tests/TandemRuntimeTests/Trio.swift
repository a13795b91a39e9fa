import Foundation
import TandemCore
import TandemReadModel
import TandemTransport
import TandemWire
import TestPrograms

@testable import TandemRuntime

/// Three nodes of one cluster in this process, over real sockets and with real journals, started and stopped one by one.
final class Trio {
    private let directory = NSTemporaryDirectory() + "tandem-trio-\(UUID().uuidString)"
    private let ports: [UInt16]
    /// Changes each node's configuration before it starts.
    var configure: (inout Node.Configuration) -> Void = { _ in }
    private var running: [UInt32: (node: Node, loops: EventLoopGroup)] = [:]

    init() throws {
        ports = try FreePorts.find(3)
    }

    /// Runs `body` with a cluster of which nothing runs yet, and ends what it has started.
    static func run(_ body: (Trio) async throws -> Void) async throws {
        let trio = try Trio()
        let result: Result<Void, any Error>
        do {
            try await body(trio)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for number in trio.running.keys.sorted() { await trio.stop(number) }
        try? FileManager.default.removeItem(atPath: trio.directory)
        try result.get()
    }

    func configuration(of number: UInt32) throws -> Node.Configuration {
        var members: [UInt32: SocketAddress] = [:]
        for (place, port) in ports.enumerated() {
            members[UInt32(place + 1)] = try SocketAddress(host: "127.0.0.1", port: port)
        }
        var configuration = Node.Configuration(directory: directory + "/\(number)")
        configuration.partitions = 2
        configuration.node = number
        // Where all processors are busy with other tests, theirs is the time that passes.
        configuration.patienceNanoseconds = 300_000_000_000
        configuration.deafnessNanoseconds = 300_000_000_000
        configuration.cluster = ClusterConfiguration(
            name: "trio", members: members,
            listen: try SocketAddress(host: "127.0.0.1", port: ports[Int(number) - 1]))
        configure(&configuration)
        return configuration
    }

    @discardableResult
    func start(_ number: UInt32) async throws -> Node {
        let configuration = try configuration(of: number)
        try FileManager.default.createDirectory(atPath: configuration.directory, withIntermediateDirectories: true)
        let loops = try EventLoopGroup(count: 1)
        loops.start()
        do {
            let node = try Node(configuration, loops: loops)
            running[number] = (node, loops)
            try await node.start()
            return node
        } catch {
            running[number] = nil
            loops.stop()
            throw error
        }
    }

    func stop(_ number: UInt32) async {
        guard let (node, loops) = running.removeValue(forKey: number) else { return }
        await node.stop()
        loops.stop()
    }
}

struct NeverHappened: Error {}

/// Waits until something holds that others bring about.
func eventually(_ holds: () async -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(240)
    while await !holds() {
        guard ContinuousClock.now < deadline else { throw NeverHappened() }
        await Task.yield()
    }
}

/// Creates a tenant in a partition, at whichever of the nodes leads it, as soon as one does.
func createTenant(_ name: String, in partition: UInt16 = 0, at nodes: [Node]) async throws {
    try await eventually {
        for node in nodes {
            let outcome = await withCheckedContinuation { done in
                node.partition(partition).submit(.tenant(nil, .create(TenantSettings(name: name)))) {
                    done.resume(returning: $0)
                }
            }
            if case .answered = outcome { return true }
        }
        return false
    }
}

extension Node {
    /// How many tenants a partition has, on this node's word; nil when nobody led for too long.
    func tenants(_ partition: UInt16) async -> Int? {
        await withCheckedContinuation { done in
            read(partition: partition) {
                $0.tenants.count
            } release: {
                done.resume(returning: $0)
            }
        }
    }

    func tenants(_ partition: UInt16, notOlderThan age: UInt64) async -> Int? {
        await withCheckedContinuation { done in
            read(partition: partition, notOlderThan: age) {
                $0.tenants.count
            } release: {
                done.resume(returning: $0)
            }
        }
    }

    func stored(_ actor: ActorID) async -> Result<Record?, StateError> {
        await withCheckedContinuation { done in record(actor) { done.resume(returning: $0) } }
    }

    /// Up to which entry the store of a partition is written.
    func mark(_ partition: UInt16) async -> Result<UInt64, StateError> {
        await withCheckedContinuation { done in
            query(partition: partition) {
                try $0.mark().applied
            } done: {
                done.resume(returning: $0)
            }
        }
    }
}
