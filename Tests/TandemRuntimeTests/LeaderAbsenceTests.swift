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

    /// A beat of a node that hears enough of the others, or not.
    private func beat(
        _ absence: LeaderAbsence, at now: UInt64, hears: Bool = true, isLed: (UInt16) -> Bool
    ) -> [UInt16: Bool] {
        var changes: [UInt16: Bool] = [:]
        absence.beat(at: now, isLed: isLed, hearsMajority: { _ in hears }) { changes[$0] = $1 }
        return changes
    }

    @Test("An election is not too long; what is, is told, and again after as long")
    func tells() {
        let (absence, told) = absence()
        _ = beat(absence, at: 1_000) { $0 != 1 }
        _ = beat(absence, at: 999 + Self.bound) { $0 != 1 }
        #expect(told.all.isEmpty)
        _ = beat(absence, at: 1_000 + Self.bound) { $0 != 1 }
        #expect(told.all == [1])
        _ = beat(absence, at: 1_001 + Self.bound) { $0 != 1 }
        #expect(told.all == [1])
        _ = beat(absence, at: 1_000 + 2 * Self.bound) { $0 != 1 }
        #expect(told.all == [1, 1])
    }

    @Test("Whoever is led for a moment begins anew")
    func led() {
        let (absence, told) = absence()
        _ = beat(absence, at: 0) { _ in false }
        _ = beat(absence, at: Self.bound - 1) { $0 == 2 }
        _ = beat(absence, at: Self.bound) { _ in false }
        #expect(told.all == [0, 1])
        _ = beat(absence, at: 2 * Self.bound - 1) { _ in false }
        #expect(told.all == [0, 1])
        _ = beat(absence, at: 2 * Self.bound) { _ in false }
        #expect(told.all.sorted() == [0, 0, 1, 1, 2])
    }

    @Test("Who hears too few for a second is cut off and says so at once, and no more when enough are heard again")
    func cutOff() {
        let (absence, told) = absence()
        let grace = LeaderAbsence.graceNanoseconds
        #expect(beat(absence, at: 1, hears: false) { $0 == 2 }.isEmpty)
        #expect(beat(absence, at: grace, hears: false) { $0 == 2 }.isEmpty)
        #expect(!absence.isCutOff(0) && told.all.isEmpty, "a connection may come back")
        #expect(beat(absence, at: 1 + grace, hears: false) { $0 == 2 } == [0: true, 1: true])
        #expect(absence.isCutOff(0) && !absence.isCutOff(2) && told.all == [0, 1])
        #expect(beat(absence, at: 2 + grace, hears: false) { $0 == 2 }.isEmpty && told.all == [0, 1], "told once")
        _ = beat(absence, at: 1 + grace + Self.bound, hears: false) { $0 == 2 }
        #expect(told.all == [0, 1, 0, 1], "and again after as long: somebody may have come meanwhile")
        // Enough are heard of one, the other has a leader.
        #expect(beat(absence, at: 2 + grace + Self.bound) { $0 != 0 } == [0: false, 1: false])
        #expect(!absence.isCutOff(0) && !absence.isCutOff(1))
    }

    @Test("Hearing enough for a moment begins the second anew")
    func heardAgain() {
        let (absence, told) = absence()
        let grace = LeaderAbsence.graceNanoseconds
        _ = beat(absence, at: 0, hears: false) { _ in false }
        _ = beat(absence, at: grace - 1) { _ in false }
        _ = beat(absence, at: grace, hears: false) { _ in false }
        #expect(!absence.isCutOff(0) && told.all.isEmpty)
        #expect(beat(absence, at: 2 * grace, hears: false) { _ in false }.count == 3)
    }
}
