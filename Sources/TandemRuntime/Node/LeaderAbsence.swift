internal import TandemTransport

/// Since when nobody is known to lead each partition. After a while this node is out of touch with it: who follows it here
/// would look at the past without knowing.
///
/// ```
/// led ── nobody leads ──▶ absent ── too few are heard, a second long ──▶ cut off
///  ▲                        │ told when it has lasted too long              │ told at once
///  └── somebody leads ──────┴──────── enough are heard again, or led ───────┘
/// ```
/// Beaten on the consensus loop; asked and listened to from any thread.
// Safe: `hook` and `cutOff` are under `lock`, the rest is touched on the loop only.
package final class LeaderAbsence: @unchecked Sendable {
    /// As long as a read waits: who has been told that nobody leads and who is sent away see the same.
    static let boundNanoseconds = Patience.boundNanoseconds
    /// How long too few others are heard until nothing is waited for: a connection that broke is there again in a fifth of
    /// this, and a node that starts has found those that are there.
    package static let graceNanoseconds: UInt64 = 1_000_000_000

    private struct Absence {
        /// When it began, or was told last.
        var since: UInt64
        /// Since when too few are heard; nil: enough are, and somebody may be elected.
        var deaf: UInt64?
    }

    private let grace: UInt64
    private let lock = Lock()
    private var hook: (@Sendable (UInt16) -> Void)?
    private var cutOff: Set<UInt16> = []
    /// By partition; nil: somebody leads.
    private var absences: [Absence?]

    init(partitions: Int, grace: UInt64 = LeaderAbsence.graceNanoseconds) {
        self.grace = grace
        absences = Array(repeating: nil, count: partitions)
    }

    /// Called on the consensus loop when nobody has led a partition for too long or this node is cut off from it, and again
    /// whenever as much time has passed.
    func onTooLong(_ hook: @escaping @Sendable (UInt16) -> Void) { lock.withLock { self.hook = hook } }

    /// Nobody leads it, and too few others are heard for anybody to be elected among them.
    func isCutOff(_ partition: UInt16) -> Bool { lock.withLock { cutOff.contains(partition) } }

    /// - Parameters:
    ///   - hearsMajority: of those who elect a partition's leader, this node included.
    ///   - changed: called with what is cut off now, or is no longer.
    func beat(
        at now: UInt64, isLed: (UInt16) -> Bool, hearsMajority: (UInt16) -> Bool,
        changed: (UInt16, _ isCutOff: Bool) -> Void
    ) {
        for place in absences.indices {
            let number = UInt16(place)
            let wasCutOff = isCutOff(number)
            guard !isLed(number) else {
                absences[place] = nil
                if wasCutOff { set(number, false, changed) }
                continue
            }
            var absence = absences[place] ?? Absence(since: now)
            absence.deaf = hearsMajority(number) ? nil : absence.deaf ?? now
            let isDeaf = absence.deaf.map { now >= $0 + grace } ?? false
            if isDeaf != wasCutOff { set(number, isDeaf, changed) }
            if isDeaf && !wasCutOff || now >= absence.since + Self.boundNanoseconds {
                absence.since = now
                lock.withLock { hook }?(number)
            }
            absences[place] = absence
        }
    }

    private func set(_ number: UInt16, _ isCutOff: Bool, _ changed: (UInt16, Bool) -> Void) {
        lock.withLock { if isCutOff { cutOff.insert(number) } else { cutOff.remove(number) } }
        changed(number, isCutOff)
    }
}
