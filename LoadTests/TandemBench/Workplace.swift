internal import Foundation
internal import TandemCore
internal import TandemRuntime
internal import TandemTransport

/// A node with one tenant, made for a benchmark and closed after it.
struct Workplace {
    let node: Node
    let loops: EventLoopGroup
    let tenant: TenantID
    let queue: QueueID
    let customer: CustomerID

    static func open(
        at path: String, loops count: Int = 2, partitions: Int = 1
    ) async throws -> (node: Node, loops: EventLoopGroup) {
        let loops = try EventLoopGroup(count: count)
        loops.start()
        var configuration = Node.Configuration(directory: path)
        configuration.partitions = partitions
        let node = try Node(configuration, loops: loops)
        try await node.start()
        return (node, loops)
    }

    init(at path: String, loops count: Int = 2) async throws {
        (node, loops) = try await Self.open(at: path, loops: count)
        tenant = TenantID(raw: try await node.perform(.tenant(nil, .create(TenantSettings(name: "Bench")))).actor.raw)
        let settings = QueueSettings(name: "Bench")
        queue = QueueID(raw: try await node.perform(.queue(nil, .create(tenant, settings))).actor.raw)
        let profile = CustomerProfile(name: "Bench")
        customer = CustomerID(raw: try await node.perform(.customer(nil, .create(tenant, profile))).actor.raw)
    }

    /// Opens conversations whose contact is with the bot: open, and waiting for nobody.
    func conversations(_ count: Int) async throws -> [ConversationID] {
        let request = ContactRequest(channel: .chat, queue: queue, bot: true)
        let command = Command.conversation(nil, .open(tenant, customer, request))
        let opened = Opened()
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            Pump(node, total: count, inflight: 2_048, command: { _ in command }) { outcome, _ in
                if case .answered(let answer, _) = outcome { opened.append(ConversationID(raw: answer.actor.raw)) }
            } finished: { failed in
                if failed == 0 { done.resume() } else { done.resume(throwing: Failed(commands: failed)) }
            }.start()
        }
        return opened.ids
    }

    func close() async {
        await node.stop()
        loops.stop()
    }
}

struct Failed: Error, CustomStringConvertible {
    let commands: Int
    var description: String { "\(commands) commands were not answered" }
}

/// Collected on the partition's executor, read when the pump has finished.
// Safe: appended to by one executor, read after it has said that it is done.
final class Opened: @unchecked Sendable {
    private(set) var ids: [ConversationID] = []
    func append(_ id: ConversationID) { ids.append(id) }
}

extension Node {
    func perform(_ command: Command) async throws -> Answer {
        let outcome = await withCheckedContinuation { done in submit(command) { done.resume(returning: $0) } }
        guard case .answered(let answer, _) = outcome else { throw Failed(commands: 1) }
        return answer
    }
}

/// Keeps so many commands in flight until so many are done, or time is up.
// Safe: after `start`, everything is touched on the partition's executor, where replies come.
final class Pump: @unchecked Sendable {
    private let node: Node
    private let total: Int
    private let inflight: Int
    private let command: (Int) -> Command
    private let each: (Outcome, UInt64) -> Void
    private let finished: (Int) -> Void
    private let deadline: UInt64
    private var sent = 0
    private var done = 0
    private var failed = 0

    /// - Parameters:
    ///   - each: gets the outcome and how long it took, in nanoseconds.
    ///   - finished: gets how many commands were not answered as they should.
    init(
        _ node: Node, total: Int, inflight: Int, seconds: Double = .infinity, command: @escaping (Int) -> Command,
        each: @escaping (Outcome, UInt64) -> Void, finished: @escaping (Int) -> Void
    ) {
        self.node = node
        self.total = total
        self.inflight = inflight
        self.command = command
        self.each = each
        self.finished = finished
        let now = EventLoop.monotonicNanoseconds()
        deadline = seconds.isFinite ? now + UInt64(seconds * 1e9) : .max
    }

    func start() {
        node.partition(0).run { [self] _ in
            for _ in 0..<min(inflight, total) { send() }
        }
    }

    private func send() {
        let number = sent
        sent += 1
        submit(number)
    }

    /// A node that is busy says so and has done nothing: the command comes again a moment later.
    private func submit(_ number: Int) {
        let began = EventLoop.monotonicNanoseconds()
        node.submit(command(number)) { [self] outcome in
            let now = EventLoop.monotonicNanoseconds()
            if case .busy = outcome {
                node.loops.loops[0].wake(at: now + 5_000_000) { [self] in
                    node.partition(0).run { [self] _ in submit(number) }
                }
                return
            }
            done += 1
            if case .answered = outcome {} else { failed += 1 }
            each(outcome, now - began)
            if sent < total, now < deadline {
                send()
            } else if done == sent {
                finished(failed)
            }
        }
    }
}
