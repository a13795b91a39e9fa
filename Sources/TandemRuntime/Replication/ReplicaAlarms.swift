internal import Synchronization
internal import TandemConsensus

// What Raft finds unusual is counted, and told: each kind once in a while, for what is wrong may be so with every message.

/// When each kind of alarm was told last.
struct AlarmBook {
    /// Ticks within which the same is told once: ten seconds.
    private static let silenceTicks: UInt64 = 1_000

    private enum Kind { case forgotAcknowledged, contradicted, secondLeader, diskStalled, diskFull, removed }

    private var told: [Kind: UInt64] = [:]
    var ticks: UInt64 = 0

    mutating func isNews(_ alarm: RaftAlarm) -> Bool {
        let kind: Kind =
            switch alarm {
            case .forgotAcknowledged: .forgotAcknowledged
            case .contradicted: .contradicted
            case .secondLeader: .secondLeader
            case .diskStalled: .diskStalled
            case .diskFull: .diskFull
            case .removed: .removed
            }
        if let last = told[kind], ticks < last + Self.silenceTicks { return false }
        told[kind] = ticks
        return true
    }
}

extension Replica {
    func raise(_ alarm: RaftAlarm) {
        alarmCount.wrappingAdd(1, ordering: .relaxed)
        if alarmBook.isNews(alarm) { self.alarm(alarm) }
    }
}
