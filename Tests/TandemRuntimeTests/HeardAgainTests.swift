import Synchronization
import TandemCore
import TandemJournal
import TandemReadModel
import TandemWire
import Testing

@testable import TandemRuntime

/// Behind a damaged journal a partition hears again what its store had before.
struct HeardAgainTests {
    @Test("Who subscribes meanwhile hears it too, and the store does not")
    func heardAgain() throws {
        let stage = try Stage { $0.flushInterval = 3_600_000_000_000 }
        var centre = try Centre(stage)
        let queue = try centre.queue(QueueSettings(name: "Sales"))
        let customer = try centre.customer()
        let (conversation, _) = try centre.open(customer, in: queue)
        for number in 0..<5 {
            let draft = MessageDraft(author: .customer(customer), text: "\(number)")
            _ = try stage.answer(.conversation(conversation, .postMessage(draft)))
        }
        let entries = stage.log.entries
        let (last, end) = (entries.last?.index ?? 0, (entries.last?.index ?? 0) - 3)
        let again = Partition(
            Partition.Configuration(number: 3), executor: stage.executor, clock: stage.clock, log: stage.log,
            state: stage.state, traps: nil)
        let state = stage.state
        let found = try again.assumeIsolated { try $0.recover(from: state, upTo: end) }
        #expect(found.last == end && state.meta.applied == last)

        let (begun, heard) = (Mutexed<EventPosition?>(nil), Mutexed<[UInt64]>([]))
        again.subscribe(1, to: .everything) {
            begun.set($0)
        } deliver: { events in
            heard.set(heard.get() + events.map(\.position.entry))
        }
        let lost = entries.filter { $0.index > end }
        again.follow(lost.map { FollowedEntry(index: $0.index, term: 1, bytes: $0.bytes) }) { _ in }
        stage.settle()
        #expect(begun.get()?.entry == end)
        #expect(Set(heard.get()) == Set(end + 1...last), "without a gap behind where it began")
        #expect(stage.state.committed.map(\.index) == Array(1...last), "each once")
        #expect(again.assumeIsolated { $0.canonicalState() } == stage.bytes)
    }
}
