internal import Synchronization
internal import TandemConsensus

/// Who was asked to lead a partition and did not: one that has to get entries back (`OwedEntries`) does not stand, and no
/// answer of it says so. Without a memory it would be asked again and again, each time a pause for those who wait.
struct HandOvers {
    /// A handing over that took longer has failed: Raft gives it up after an election time-out.
    static let patienceNanoseconds: UInt64 = 300_000_000
    /// How long nobody asks again who has failed, unless there is nobody else.
    static let restNanoseconds: UInt64 = 10_000_000_000

    private struct Asked {
        let heir: NodeID
        let since: UInt64
    }

    private var asked: [UInt16: Asked] = [:]
    /// Until when, by partition.
    private var resting: [UInt16: [NodeID: UInt64]] = [:]

    /// The partition is not led by this node: whoever was asked has it, or somebody else.
    mutating func isLedElsewhere(_ partition: UInt16) { asked[partition] = nil }

    /// Those of the heirs of a partition, which this node still leads, that have not failed lately.
    mutating func willing(_ heirs: [NodeID], of partition: UInt16, at now: UInt64) -> [NodeID] {
        if let asked = asked[partition], now >= asked.since + Self.patienceNanoseconds {
            resting[partition, default: [:]][asked.heir] = now + Self.restNanoseconds
            self.asked[partition] = nil
        }
        return heirs.filter { resting[partition]?[$0] ?? 0 <= now }
    }

    mutating func ask(_ heir: NodeID, _ partition: UInt16, at now: UInt64) {
        if asked[partition]?.heir != heir { asked[partition] = Asked(heir: heir, since: now) }
    }
}

/// `HandOvers` that several threads write into.
final class HandOverBook: Sendable {
    private let kept = Mutex(HandOvers())

    func withLock<R: Sendable>(_ body: (inout HandOvers) -> R) -> R { kept.withLock { body(&$0) } }
}
