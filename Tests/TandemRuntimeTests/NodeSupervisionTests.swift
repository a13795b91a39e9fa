import Foundation
import Synchronization
import TandemCore
import TandemReadModel
import TandemTransport
import Testing

@testable import TandemRuntime

@Suite("Supervision of a node")
struct NodeSupervisionTests {
    struct Broken: Error {}

    /// Runs `body` with a node of two partitions and ends both; `probe` is asked before each write to a store.
    private func withNode(
        in directory: String, probe: @escaping @Sendable (UInt16) throws -> Void = { _ in },
        _ body: (Node) async throws -> Void
    ) async throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let loops = try EventLoopGroup(count: 1)
        loops.start()
        var configuration = Node.Configuration(directory: directory)
        configuration.partitions = 2
        configuration.storeProbe = probe
        let node = try Node(configuration, loops: loops)
        try await node.start()
        let result: Result<Void, any Error>
        do {
            try await body(node)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await node.stop()
        loops.stop()
        try result.get()
    }

    private func inDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "tandem-supervision-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    private func tenant(_ node: Node, named name: String) async -> Outcome {
        await withCheckedContinuation { done in
            node.submit(.tenant(nil, .create(TenantSettings(name: name)))) { done.resume(returning: $0) }
        }
    }

    private func givenUp(_ partition: Partition) async -> String? {
        await withCheckedContinuation { done in partition.run { done.resume(returning: $0.status().givenUp) } }
    }

    private func standing(_ partition: Partition) async -> String {
        await withCheckedContinuation { done in
            partition.run { partition in
                done.resume(
                    returning: """
                        \(partition.phase), term \(partition.term), proposed \(partition.proposed), \
                        committed \(partition.committed), \(partition.journalTrouble.map { $0.rawValue } ?? "no trouble")
                        """)
            }
        }
    }

    /// The entry up to which a store has everything; nil when it does not answer.
    private func mark(_ node: Node, _ partition: UInt16) async -> UInt64? {
        let found: Result<UInt64, StateError> = await withCheckedContinuation { done in
            node.query(partition: partition) {
                try $0.mark().applied
            } done: {
                done.resume(returning: $0)
            }
        }
        return try? found.get()
    }

    @Test("A store that fails is restarted, and has everything; the other partition's is not concerned")
    func restarts() async throws {
        try await inDirectory { directory in
            let isBroken = Mutex(true)
            let (calls, called) = AsyncStream<UInt16>.makeStream()
            try await withNode(in: directory) { partition in
                // Looked up first: who hears of a try may mend the store before it goes on.
                let fails = partition == 0 && isBroken.withLock { $0 }
                called.yield(partition)
                if fails { throw Broken() }
            } _: { node in
                var tries = calls.filter { $0 == 0 }.makeAsyncIterator()
                for number in 0..<4 {
                    guard case .answered = await tenant(node, named: "Tenant \(number)") else {
                        Issue.record("a failing store kept a command from being durable")
                        return
                    }
                }
                _ = await tries.next()
                // A partition's first entry opens the leader's term.
                #expect(await mark(node, 1) == 3)
                // The second try comes after a pause; by then the first failure is known.
                _ = await tries.next()
                #expect(await mark(node, 0) == nil, "a reader is told at once")
                #expect(node.state.board.lines.map { $0.restarts > 0 } == [true, false])
                #expect(node.state.board.standing(of: "store 1") == .running)
                isBroken.withLock { $0 = false }
                _ = await tries.next()
                // This try succeeds, a moment from now.
                while await mark(node, 0) != 3 {}
                let lines = node.state.board.lines
                #expect(lines.map(\.state) == ["running", "running"])
                #expect(lines[0].restarts >= 2 && lines[1].restarts == 0)
                #expect(lines[0].lastReason?.contains("Broken") == true)
            }
        }
    }

    @Test("A store whose disk failed costs its partition the leadership; the next start has everything")
    func abandons() async throws {
        try await inDirectory { directory in
            let isBroken = Mutex(false)
            // The entries that open two terms, and "One".
            var kept: ClosedRange<UInt64> = 3...3
            try await withNode(in: directory) { partition in
                if partition == 0, isBroken.withLock({ $0 }) { throw StoreError.abandoned }
            } _: { node in
                _ = await tenant(node, named: "One")
                _ = await tenant(node, named: "Two")
                // Not before both are in: the entry that opens a term is written to the store as well.
                isBroken.withLock { $0 = true }
                // Durable, unless the store was quicker to fail: then it was not taken, or nobody was told what became of it.
                switch await tenant(node, named: "Three") {
                case .answered: kept = 4...4
                case .unknown: kept = 3...4
                default: break
                }
                #expect(await mark(node, 1) == 2)
                while await givenUp(node.partition(0)) == nil {}
                #expect(node.state.board.standing(of: "store 0") == .abandoned)
                var refused = 0
                for number in 0..<4 {
                    switch await tenant(node, named: "Later \(number)") {
                    case .answered: break
                    case .unavailable(.notLeading): refused += 1
                    case let outcome: Issue.record("\(outcome)")
                    }
                }
                #expect(refused == 2, "the partitions take turns: one serves")
                #expect(node.state.board.lines[0].restarts == 0)
            }
            try await withNode(in: directory) { node in
                let marks = (try #require(await mark(node, 0)), await mark(node, 1))
                let standing = await standing(node.partition(0))
                #expect(kept ~= marks.0 && marks.1 == 5, "\(marks), \(standing)")
                guard case .answered = await tenant(node, named: "Afterwards") else {
                    Issue.record("the next life does not lead")
                    return
                }
            }
        }
    }
}
