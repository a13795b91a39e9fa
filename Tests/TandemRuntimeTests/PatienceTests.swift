import Synchronization
import Testing

@testable import TandemRuntime

@Suite("Patience with partitions that nobody leads")
struct PatienceTests {
    private let patience = Patience()
    private let told = Told()

    private final class Told: Sendable {
        private let answers = Mutex<[Bool]>([])
        func put(_ answer: Bool) { answers.withLock { $0.append(answer) } }
        var all: [Bool] { answers.withLock { $0 } }
    }

    private func wait(for partition: UInt16 = 2, until deadline: UInt64 = 1_000) {
        let told = told
        patience.wait(for: partition, until: deadline) { told.put($0) }
    }

    @Test("A question is asked again with the first beat at which somebody leads, and only once")
    func again() {
        wait()
        patience.beat(at: 10) { _ in false }
        #expect(told.all.isEmpty)
        patience.beat(at: 20) { $0 == 3 }
        #expect(told.all.isEmpty, "the leader of another partition is nobody to ask")
        patience.beat(at: 30) { $0 == 2 }
        patience.beat(at: 40) { _ in true }
        #expect(told.all == [true])
    }

    @Test("A question that came too late is not asked again, whoever leads by then")
    func late() {
        wait(until: 100)
        patience.beat(at: 99) { _ in false }
        #expect(told.all.isEmpty)
        patience.beat(at: 100) { _ in true }
        #expect(told.all == [false])
    }

    @Test("A question that is asked again may wait again")
    func once() {
        let (patience, told) = (patience, told)
        patience.wait(for: 2, until: 1_000) { isWorthAsking in
            told.put(isWorthAsking)
            patience.wait(for: 2, until: 1_000) { told.put($0) }
        }
        patience.beat(at: 10) { _ in true }
        #expect(told.all == [true], "not within one beat: a leader that does not answer is not asked without end")
        patience.beat(at: 20) { _ in true }
        #expect(told.all == [true, true])
    }

    @Test("One more than there is room for is not waited for")
    func full() {
        for _ in 0..<Patience.waitingMax { wait() }
        #expect(told.all.isEmpty)
        wait()
        #expect(told.all == [false])
        patience.beat(at: 10) { _ in true }
        #expect(told.all.count == Patience.waitingMax + 1)
        wait()
        #expect(told.all.count == Patience.waitingMax + 1, "there is room again")
    }

    @Test("Whoever waits at a node that is cut off is told at once, and nobody else")
    func hopeless() {
        wait(for: 2)
        wait(for: 3)
        patience.beat(at: 10, isLed: { _ in false }, isHopeless: { $0 == 2 })
        #expect(told.all == [false])
        patience.beat(at: 20, isLed: { _ in true }, isHopeless: { _ in false })
        #expect(told.all == [false, true])
    }

    @Test("A node that goes waits for nobody")
    func end() {
        wait()
        patience.end()
        #expect(told.all == [false])
        wait()
        #expect(told.all == [false, false])
    }
}
