package import TandemJournal

/// What reading the whole journal again found, in words for operators.
package struct JournalCheckup: Sendable {
    package struct Partition: Sendable {
        package let number: UInt16
        package let first: UInt64
        package let last: UInt64
        package let problem: String?
    }
    package let isSound: Bool
    package let partitions: [Partition]
    package let findings: [String]
}

/// What the journal has done since it was opened.
package struct JournalFigures: Sendable {
    package let health: JournalHealth
    package var isHealthy: Bool { health == .ok }
    package let entries: UInt64
    package let transactions: UInt64
    package let bytes: UInt64
    package let failedTransactions: UInt64
    package let pendingBytes: Int
    package let segments: Int
    /// How long commits took, in seconds: inclusive upper bounds and how many fell into each, those above them last.
    package let commitBounds: [Double]
    package let commitCounts: [UInt64]
    package let commitSeconds: Double
}

extension JournalFigures {
    /// How it stands, in a word: `running`, `diskFull` (it recovers by itself), `failed` (until the next start).
    package var standing: String {
        switch health {
        case .ok: "running"
        case .diskFull: "diskFull"
        case .failed: "failed"
        }
    }

    /// Why it failed; nil: it did not.
    package var cause: String? {
        switch health {
        case .ok, .diskFull: nil
        case .failed(let cause): cause
        }
    }
}

extension Node {
    /// Reads every entry of the journal again, beside the running work. Waits: never on a loop.
    package func verifyJournal() throws(StateError) -> JournalCheckup {
        do throws(JournalError) {
            let report = try journal.verify()
            for finding in report.findings {
                if let partition = finding.partition, Int(partition) < groups.count {
                    groups[Int(partition)].found(finding)
                }
            }
            return JournalCheckup(
                isSound: report.isSound,
                partitions: report.partitions.map {
                    JournalCheckup.Partition(
                        number: $0.partition, first: $0.firstIndex, last: $0.lastIndex,
                        problem: $0.problem.map { "\($0)" })
                }, findings: report.findings.map(\.description))
        } catch {
            throw StateError("\(error)")
        }
    }

    /// What reading the journal again, slowly and for ever, has come to.
    package var patrolFigures: PatrolFigures { patrol.figures }

    /// How many entries of a partition have still to come back from others, because its journal was damaged; nil: none.
    package func owedEntries(of partition: UInt16) -> UInt64? {
        journal.owed(partition).map { $0.last - min($0.last, journal.lastIndex(partition)) }
    }

    package var journalFigures: JournalFigures {
        let (statistics, health) = (journal.statistics, journal.health)
        return JournalFigures(
            health: health, entries: statistics.entries, transactions: statistics.transactions, bytes: statistics.bytes,
            failedTransactions: statistics.failedTransactions, pendingBytes: statistics.pendingBytes,
            segments: statistics.segments,
            commitBounds: MicrosecondHistogram.bounds.map { Double($0) / 1_000_000 },
            commitCounts: statistics.commitMicroseconds.counts,
            commitSeconds: Double(statistics.commitMicroseconds.sum) / 1_000_000)
    }
}
