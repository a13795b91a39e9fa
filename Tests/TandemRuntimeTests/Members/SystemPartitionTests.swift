import TandemConsensus
import TandemJournal
import TandemTransport
import TandemWire
import Testing

@testable import TandemRuntime

/// What the nodes agree on about the cluster, entry by entry: one of them by itself, its log in the test's hands.
@Suite("The system partition")
struct SystemPartitionTests {
    private let executor = HandExecutor()
    private let log = HandLog()
    private let told = Mutexed<[String]>([])
    private let agreed = Mutexed<[ClusterState]>([])

    private static let founding = ClusterState(
        id: ClusterID(high: 7, low: 8), name: "acme", format: WireVersion.current,
        members: (1...3).map {
            ClusterState.Member(node: $0, address: "10.0.0.\($0):7500", role: .serving, formats: WireVersion.read)
        })

    private func system() -> SystemPartition {
        let system = SystemPartition(
            8, loop: executor, state: Self.founding, tell: { told.set(told.get() + [$0]) }, isHere: { _ in true }
        ) { agreed.set(agreed.get() + [$0]) }
        system.write(to: log)
        return system
    }

    private func settle() {
        repeat { executor.drain(at: 0) } while log.answer() || executor.hasWork(at: 0)
    }

    /// Asks, and says what is answered once everything has happened that can.
    private func ask(_ request: ClusterRequest, _ system: SystemPartition) -> Mutexed<[ClusterAnswer]> {
        let answers = Mutexed<[ClusterAnswer]>([])
        system.take(request) { answers.set(answers.get() + [$0]) }
        return answers
    }

    private func follow(_ bytes: [UInt8]?, at index: UInt64, _ system: SystemPartition) -> UInt64? {
        let applied = Mutexed<UInt64?>(nil)
        system.follow([FollowedEntry(index: index, term: 1, bytes: bytes)]) { applied.set($0) }
        settle()
        return applied.get()
    }

    @Test("The first leader writes what its founders are, and then what it is asked, each on top of the last")
    func founds() throws {
        let system = system()
        #expect(follow(nil, at: 1, system) == 1)
        system.lead(term: 1, after: 1)
        settle()
        #expect(agreed.get() == [Self.founding])
        let answers = [ask(.drain(1), system), ask(.drain(2), system), ask(.drain(2), system), ask(.drain(9), system)]
        settle()
        #expect(answers.allSatisfy { $0.get().count == 1 })
        #expect(
            agreed.get().map { $0.members.count { $0.role == .draining } } == [0, 1, 2], "the third changed nothing")
        #expect(answers[2].get() == [.done(system.state)])
        guard case .refused(let refusal) = answers[3].get().first else { return #expect(Bool(false), "not refused") }
        #expect(refusal.code == .unknownNode)
        #expect(log.entries.map(\.index) == [2, 3, 4])
        #expect(try log.entries.map { try ClusterCodec.decodeState($0.bytes) } == agreed.get())
    }

    @Test("Who follows has what the leader wrote, and writes nothing of its own when it leads after it")
    func follows() throws {
        let system = system()
        let other = try Self.founding.changed(by: .drain(3), isHere: { _ in true })
        #expect(follow(ClusterCodec.encode(other), at: 1, system) == 1)
        #expect(system.state == other && agreed.get() == [other])
        #expect(follow(ClusterCodec.encode(Self.founding), at: 1, system) == 1, "it has that one")
        #expect(system.state == other)
        system.lead(term: 2, after: 1)
        settle()
        #expect(log.entries.isEmpty)
    }

    @Test(
        "Whoever does not lead says so at once; a leader that is deposed says it to all who wait, and changes nothing")
    func deposed() {
        let system = system()
        let early = ask(.drain(1), system)
        settle()
        #expect(early.get() == [.notLeading])
        system.lead(term: 1, after: 0)
        settle()
        log.holds = true
        let answers = [ask(.drain(1), system), ask(.drain(2), system)]
        settle()
        #expect(answers.allSatisfy { $0.get().isEmpty } && system.state == Self.founding)
        log.loseWaiting()
        system.depose(nil)
        settle()
        #expect(answers.allSatisfy { $0.get() == [.notLeading] })
        #expect(system.state == Self.founding && agreed.get() == [Self.founding])
    }

    @Test("An entry that is not taken leaves everything as it was, and the asker asks again")
    func refused() {
        let system = system()
        system.lead(term: 1, after: 0)
        settle()
        log.refusal = .notLeading
        let answers = [ask(.drain(1), system), ask(.drain(2), system)]
        settle()
        #expect(answers.allSatisfy { $0.get() == [.notLeading] } && system.state == Self.founding)
        log.refusal = nil
        let again = ask(.drain(1), system)
        settle()
        #expect(again.get() == [.done(system.state)] && system.state.member(1)?.role == .draining)
    }

    @Test(
        "For a change of its members it ends what is under way, takes nothing meanwhile, and goes on behind the change")
    func retires() throws {
        let system = system()
        system.lead(term: 1, after: 0)
        settle()
        log.holds = true
        let underWay = ask(.drain(1), system)
        let waits = ask(.drain(2), system)
        let hasRetired = Mutexed(false)
        system.retire { hasRetired.set(true) }
        settle()
        #expect(!hasRetired.get() && underWay.get().isEmpty)
        let late = ask(.drain(3), system)
        settle()
        #expect(late.get() == [.notLeading])
        log.holds = false
        settle()
        #expect(hasRetired.get())
        #expect(underWay.get() == [.done(system.state)] && waits.get() == [.notLeading])
        // Two entries of Raft's own.
        #expect(follow(nil, at: 3, system) == 3)
        #expect(follow(nil, at: 4, system) == 4)
        system.lead(term: 1, after: 4)
        settle()
        let next = ask(.drain(2), system)
        settle()
        #expect(next.get() == [.done(system.state)])
        #expect(log.entries.last?.index == 5)
    }

    @Test("So many requests wait; one more is to come again")
    func full() {
        let system = system()
        system.lead(term: 1, after: 0)
        settle()
        log.holds = true
        // The first is under way, the others wait.
        let answers = (0..<65).map { _ in ask(.drain(1), system) }
        let more = ask(.drain(1), system)
        settle()
        #expect(more.get() == [.notLeading] && answers.allSatisfy { $0.get().isEmpty })
        log.holds = false
        settle()
        #expect(answers.allSatisfy { $0.get() == [.done(system.state)] })
    }

    @Test("An entry that this build cannot read: nothing is guessed, no later one is taken, and it says what to do")
    func unreadable() throws {
        for (second, remedy) in [(WireVersion.current + 1, true), (WireVersion.current, false)] {
            let (log, told) = (HandLog(), Mutexed<[String]>([]))
            let system = SystemPartition(
                8, loop: executor, state: Self.founding, tell: { told.set(told.get() + [$0]) }, isHere: { _ in true },
                changed: { _ in })
            system.write(to: log)
            #expect(follow([0xFF, second, 1, 2, 3], at: 1, system) == 0)
            #expect(told.get().count == 1)
            #expect(told.get().first?.contains("start it with a newer build") == remedy)
            #expect(log.hasWithdrawn)
            let later = try Self.founding.changed(by: .drain(3), isHere: { _ in true })
            #expect(follow(ClusterCodec.encode(later), at: 2, system) == 0)
            #expect(system.state == Self.founding)
            system.lead(term: 9, after: 0)
            let answer = ask(.drain(1), system)
            settle()
            #expect(answer.get() == [.notLeading])
        }
    }
}
