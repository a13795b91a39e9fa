import Glibc
import Testing

@testable import TandemJournal

/// Random numbers that repeat: the test's arguments show the seed, and `TANDEM_SEED` runs one of them alone.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        // Neighbouring seeds must not be one stream, some steps apart.
        state = seed
        state = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    static func seeds(_ count: UInt64) -> [UInt64] {
        if let text = getenv("TANDEM_SEED").flatMap({ UInt64(String(cString: $0)) }) { return [text] }
        return Array(1...count)
    }
}

/// Entries whose every byte follows from where they stand, so that a test can say what must have come back.
enum Fixture {
    static func entry(_ partition: UInt16, _ index: UInt64, term: UInt64 = 1, size: Int = 100) -> JournalEntry {
        var random = Seeded(UInt64(partition) << 48 ^ index << 8 ^ term)
        return JournalEntry(
            partition: partition, index: index, term: term, time: 1_700_000_000_000 + Int64(index),
            bytes: (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }

    static func entries(
        _ partition: UInt16, _ indexes: ClosedRange<UInt64>, term: UInt64 = 1, size: Int = 100
    ) -> [JournalEntry] {
        indexes.map { entry(partition, $0, term: term, size: size) }
    }

    /// Small segments, so that a test has many.
    static func limits(segment: Int = 64 << 20, log: Int = 128 << 20) -> JournalLimits {
        var limits = JournalLimits()
        limits.segmentBytes = segment
        limits.logBytes = log
        limits.reserveBytes = 64 << 10
        limits.roomCheckMilliseconds = 10
        return limits
    }
}

extension Journal {
    /// Appends and waits.
    func appendNow(_ entries: [JournalEntry]) throws(JournalError) { try commitNow(.append(entries)) }

    /// Everything a partition has.
    func all(_ partition: UInt16) throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        var next = firstIndex(partition)
        while true {
            let more = try read(partition: partition, from: next, maximumBytes: 1 << 16)
            guard let last = more.last else { return entries }
            entries += more
            next = last.index + 1
        }
    }
}

/// Waits without sleeping: what a callback says, on whatever thread it comes.
final class Signal<Value: Sendable>: Sendable {
    private let values = Monitor<[Value]>([])

    func send(_ value: Value) {
        values.withLock { $0.append(value) }
        values.wake()
    }

    /// The values, once there are `count` of them; what there is when that takes more than a minute.
    func wait(count: Int) -> [Value] {
        values.wait(milliseconds: 60_000) { values, isOver in values.count >= count || isOver ? values : nil }
    }
}
