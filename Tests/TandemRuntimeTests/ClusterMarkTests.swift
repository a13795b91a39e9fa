import TandemCore
import TandemJournal
import TandemWire
import Testing

@testable import TandemRuntime

/// Marks between real nodes: what a difference costs, and how it ends.
@Suite("Marks between nodes")
struct ClusterMarkTests {
    private static let partition: UInt16 = 0

    @Test(
        "A node whose state is wrong is told so, neither leads nor answers, and is right after a restart",
        .timeLimit(.minutes(5)), arguments: [false, true])
    func wrong(leads: Bool) async throws {
        try await Trio.run { trio in
            let told = Mutexed<[String]>([])
            trio.configure = { configuration in
                let node = configuration.node
                configuration.markInterval = Milliseconds(50)
                configuration.alarm = { partition, what in told.set(told.get() + ["\(node) \(partition) \(what)"]) }
            }
            var nodes: [UInt32: Node] = [:]
            for number in 1...3 as ClosedRange<UInt32> { nodes[number] = try await trio.start(number) }
            let all = nodes.values.sorted { $0.configuration.node < $1.configuration.node }
            // All of them have counted, and the leader is the one that stays: the first has it by preference.
            try await eventually {
                try? await createTenant("A", in: Self.partition, at: all)
                return all.allSatisfy { $0.comparison(of: Self.partition).agreedAt > 0 }
                    && all.allSatisfy { $0.leads(Self.partition) == 1 }
            }
            #expect(
                !told.get().contains { $0.contains("differs") }
                    && all.allSatisfy { !$0.comparison(of: Self.partition).isDifferent })

            let number: UInt32 = leads ? 1 : 3
            let wrong = try #require(nodes[number])
            wrong.partition(Self.partition).run { partition in
                let tenant = partition.roster.tenants.keys.sorted()[0]
                partition.replace(.tenant(Tenant(absent: TenantID(raw: tenant))))
            }
            try await eventually {
                try? await createTenant("B", in: Self.partition, at: all)
                return wrong.comparison(of: Self.partition).trouble?.contains("a majority is against it") == true
            }
            let others = all.filter { $0.configuration.node != number }
            try await eventually {
                let leader = wrong.leads(Self.partition)
                return leader != nil && leader != number && others.allSatisfy { $0.leads(Self.partition) == leader }
            }
            #expect(await status(wrong).givenUp?.contains("restart it") == true)
            #expect(await wrong.tenants(Self.partition) == nil, "it does not answer from what is wrong")
            try await eventually { others.allSatisfy { !$0.comparison(of: Self.partition).isDifferent } }
            let tenants = try #require(await others[0].tenants(Self.partition))
            try await createTenant("C", in: Self.partition, at: all)
            #expect(await others[0].tenants(Self.partition) == tenants + 1, "the others go on, and it counts for them")
            #expect(told.get().contains { $0.hasPrefix("\(number) 0 its state differs from others' at entry ") })

            await trio.stop(number)
            told.set([])
            let again = try await trio.start(number)
            #expect(told.get().contains { $0.contains("its state.sqlite is not used (its state differs") })
            try await eventually {
                try? await createTenant("D", in: Self.partition, at: others)
                return again.comparison(of: Self.partition).agreedAt > 0
            }
            #expect(await again.tenants(Self.partition) == (await others[0].tenants(Self.partition)))
            #expect(again.journal.meta(MarkWatch.distrustKey(Self.partition)) == nil)
        }
    }

    @Test("Of two nodes nobody knows which is right: both say so, and go on", .timeLimit(.minutes(5)))
    func doubted() async throws {
        try await Trio.run { trio in
            trio.configure = { $0.markInterval = Milliseconds(50) }
            let both = [try await trio.start(1), try await trio.start(2)]
            try await eventually {
                try? await createTenant("A", in: Self.partition, at: both)
                return both.allSatisfy { $0.comparison(of: Self.partition).agreedAt > 0 }
            }
            let other = try #require(both.first { $0.leads(Self.partition) != $0.configuration.node })
            other.partition(Self.partition).run { partition in
                let tenant = partition.roster.tenants.keys.sorted()[0]
                partition.replace(.tenant(Tenant(absent: TenantID(raw: tenant))))
            }
            try await eventually {
                try? await createTenant("B", in: Self.partition, at: both)
                return both.allSatisfy { $0.comparison(of: Self.partition).isDifferent }
            }
            #expect(both.allSatisfy { $0.comparison(of: Self.partition).trouble?.contains("no majority") == true })
            try await createTenant("C", in: Self.partition, at: both)

            // The third tells them.
            let third = try await trio.start(3)
            try await eventually {
                try? await createTenant("D", in: Self.partition, at: both)
                return third.comparison(of: Self.partition).agreedAt > 0
                    && other.comparison(of: Self.partition).trouble?.contains("a majority is against it") == true
            }
            let right = try #require(both.first { $0.configuration.node != other.configuration.node })
            try await eventually { !right.comparison(of: Self.partition).isDifferent }
        }
    }

    private func status(_ node: Node) async -> PartitionStatus {
        await withCheckedContinuation { done in
            node.partition(Self.partition).run { done.resume(returning: $0.status()) }
        }
    }
}
