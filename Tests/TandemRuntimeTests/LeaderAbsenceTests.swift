import Synchronization
import Testing

@testable import TandemRuntime

@Suite("Partitions that nobody has led for too long")
struct LeaderAbsenceTests {
    private static let bound = LeaderAbsence.boundNanoseconds

    private final class Told: Sendable {
        private let numbers = Mutex<[UInt16]>([])
        func put(_ number: UInt16) { numbers.withLock { $0.append(number) } }
        var all: [UInt16] { numbers.withLock { $0 } }
    }

    private func absence() -> (LeaderAbsence, Told) {
        let (absence, told) = (LeaderAbsence(partitions: 3), Told())
        absence.onTooLong { told.put($0) }
        return (absence, told)
    }

    @Test("An election is not too long; what is, is told, and again after as long")
    func tells() {
        let (absence, told) = absence()
        absence.beat(at: 1_000) { $0 != 1 }
        absence.beat(at: 999 + Self.bound) { $0 != 1 }
        #expect(told.all.isEmpty)
        absence.beat(at: 1_000 + Self.bound) { $0 != 1 }
        #expect(told.all == [1])
        absence.beat(at: 1_001 + Self.bound) { $0 != 1 }
        #expect(told.all == [1])
        absence.beat(at: 1_000 + 2 * Self.bound) { $0 != 1 }
        #expect(told.all == [1, 1])
    }

    @Test("Whoever is led for a moment begins anew")
    func led() {
        let (absence, told) = absence()
        absence.beat(at: 0) { _ in false }
        absence.beat(at: Self.bound - 1) { $0 == 2 }
        absence.beat(at: Self.bound) { _ in false }
        #expect(told.all == [0, 1])
        absence.beat(at: 2 * Self.bound - 1) { _ in false }
        #expect(told.all == [0, 1])
        absence.beat(at: 2 * Self.bound) { _ in false }
        #expect(told.all.sorted() == [0, 0, 1, 1, 2])
    }
}
