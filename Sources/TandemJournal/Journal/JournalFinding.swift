/// Damage found in a journal: which entries, where, and what is wrong with them.
package struct JournalFinding: Sendable, Hashable, CustomStringConvertible {
    package enum Fault: Sendable, Hashable {
        /// The bytes are not those that were written.
        case checksum
        /// The entry is whole by itself but does not follow from the one before it.
        case chain
        /// The entry is not there.
        case missing
        /// The entry is there a second time, or at a place where it cannot have been written.
        case misplaced
        /// SQLite cannot read where the entry is.
        case unreadable(String)
        /// The entry is another one than the mark beside the journal remembers.
        case mark
        /// The segment's record of the partition (hard state, where it begins, what was cut) is damaged.
        case record
    }

    /// Nil where the damage hides even that.
    package let partition: UInt16?
    /// Nil where the damage hides them, or is not of an entry.
    package let indexes: ClosedRange<UInt64>?
    package let segment: UInt32
    package let fault: Fault

    package init(partition: UInt16?, indexes: ClosedRange<UInt64>?, segment: UInt32, fault: Fault) {
        self.partition = partition
        self.indexes = indexes
        self.segment = segment
        self.fault = fault
    }

    /// The entry is whole by itself: it, or the one before it, is not the one that was written.
    var doubtsTheOneBefore: Bool {
        switch fault {
        case .chain, .mark: true
        case .checksum, .missing, .misplaced, .unreadable, .record: false
        }
    }

    package var description: String {
        var text =
            switch indexes {
            case .none: "the record"
            case .some(let indexes) where indexes.count == 1: "entry \(indexes.lowerBound)"
            case .some(let indexes): "entries \(indexes.lowerBound)…\(indexes.upperBound)"
            }
        text += partition.map { " of partition \($0)" } ?? " of an unknown partition"
        text += " in segment \(segment) "
        switch fault {
        case .checksum: text += "fails its checksum"
        case .chain: text += "does not follow from the one before it"
        case .missing: text += "is missing"
        case .misplaced: text += "is where it cannot have been written"
        case .unreadable(let cause): text += "cannot be read: \(cause)"
        case .mark: text += "is not the one that was acknowledged"
        case .record: text += "fails its checksum"
        }
        return text
    }
}

/// What opening or verifying a journal found out.
package struct JournalReport: Sendable, Equatable {
    package struct Partition: Sendable, Equatable {
        package let partition: UInt16
        package let firstIndex: UInt64
        package let lastIndex: UInt64
        /// Why nothing can be appended to the partition: its entries are not what was acknowledged.
        package let problem: JournalError?
        /// The first damaged entry, where it is certain what was acknowledged: `.forget` from there on repairs it, if
        /// others have the entries.
        package var repairableFrom: UInt64?
    }

    /// What is known of the mark beside the journal.
    package enum Mark: Sendable, Equatable {
        case read
        /// There is none, and none is expected: the journal is new.
        case new
        /// There is none, or it is damaged; a loss at the very end would not have been noticed.
        case unreadable
    }

    /// By number.
    package let partitions: [Partition]
    /// In the order of the files, at most `JournalLimits.findingsMax`.
    package let findings: [JournalFinding]
    /// Set when more was found than `findings` holds.
    package let hasMoreFindings: Bool
    package let mark: Mark
    package let segments: Int
    package let entries: Int

    package var isSound: Bool { findings.isEmpty && partitions.allSatisfy { $0.problem == nil } }
}
