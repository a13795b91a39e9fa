import TandemCore
import TandemReadModel
import TandemWire
import Testing

@testable import TandemRuntime

@Suite("Reads of a cluster's nodes")
struct ClusterReadTests {
    @Test("Reads asked while nobody leads are answered when somebody does", .timeLimit(.minutes(5)))
    func waits() async throws {
        try await Trio.run { trio in
            let first = try await trio.start(1)
            #expect(first.leaders.isEmpty, "one of three leads nobody")
            async let tenants = first.tenants(0)
            async let record = first.stored(ActorID(TenantID(raw: 1 << 10)))
            async let mark = first.mark(1)
            try await eventually { first.readsWaiting == 3 }
            try await trio.start(2)
            #expect(await tenants == 0)
            #expect(try await record.get() == nil)
            #expect(try await mark.get() >= 1, "it has the entry that opened the leader's term")
            #expect(first.readsWaiting == 0)
        }
    }

    @Test("A read that waits for a leader is told at once that the node goes", .timeLimit(.minutes(5)))
    func ends() async throws {
        try await Trio.run { trio in
            let first = try await trio.start(1)
            let found = Mutexed<Int??>(nil)
            first.read(partition: 0) {
                $0.tenants.count
            } release: {
                found.set(.some($0))
            }
            try await eventually { first.readsWaiting == 1 }
            #expect(found.get() == nil)
            first.endWaiting()
            try await eventually { found.get() != nil }
            #expect(found.get() == .some(.none))
        }
    }

    @Test("What may be old is read of a node that is cut off, for as long as it may be", .timeLimit(.minutes(5)))
    func stale() async throws {
        try await Trio.run { trio in
            let first = try await trio.start(1)
            try await trio.start(2)
            let made = await withCheckedContinuation { done in
                first.submit(.tenant(nil, .create(TenantSettings(name: "Acme")))) { done.resume(returning: $0) }
            }
            guard case .answered(let answer, let position) = made else { throw Unanswered(outcome: made) }
            let number = answer.actor.partition
            // Read once, it is as young as that.
            #expect(try await first.mark(number).get() >= position.entry)
            #expect(first.isFresh(number, within: 60_000_000_000))
            await trio.stop(2)
            try await eventually { !first.knowsLeader(of: number) }
            #expect(!first.isFresh(number, within: 1))

            #expect(await first.tenants(number, notOlderThan: 60_000_000_000) == 1)
            let stored: Result<UInt64, StateError> = await withCheckedContinuation { done in
                first.query(partition: number, notOlderThan: 60_000_000_000) {
                    try $0.mark().applied
                } done: {
                    done.resume(returning: $0)
                }
            }
            #expect(try stored.get() >= position.entry)
            // Younger it has nothing, and somebody would have to lead.
            let young = Mutexed<Int??>(nil)
            first.read(partition: number, notOlderThan: 1) {
                $0.tenants.count
            } release: {
                young.set(.some($0))
            }
            try await eventually { first.readsWaiting == 1 }
            first.endWaiting()
            try await eventually { young.get() != nil }
            #expect(young.get() == .some(.none))
        }
    }
}
