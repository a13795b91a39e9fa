/// Why the journal did not do what it was asked. `code` is stable; the description is for people.
package enum JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another process, or this one, has the directory open; `process` is its id, 0 if it could not be read.
    case locked(directory: String, process: Int32)
    case newerFormat(file: String, found: UInt32, known: UInt32)
    case notAJournal(file: String)
    /// A file can be neither read nor repaired from what is here.
    case unreadable(file: String, cause: String)

    /// No room: nothing was written. It may be tried again; it succeeds as soon as there is room.
    case diskFull
    /// The disk has failed: this process writes no more. What was acknowledged before is still readable.
    case failed(cause: String)
    /// More is waiting to be written than `limit` bytes: try again when some of it is.
    case busy(pendingBytes: Int, limit: Int)
    case closed

    /// The first entry of a batch does not follow the last of its partition; also what follows a failed batch gets.
    case outOfOrder(partition: UInt16, expected: UInt64, found: UInt64)
    case termFell(partition: UInt16, index: UInt64, from: UInt64, to: UInt64)
    case entryTooLarge(partition: UInt16, index: UInt64, bytes: Int, limit: Int)
    case tooManyPartitions(limit: Int)
    /// The entry changed in memory between being submitted and being written.
    case changedInMemory(partition: UInt16, index: UInt64)
    /// A cut or truncation beyond what exists, or a restart behind what was cut: `first...last` is what exists.
    case outOfRange(partition: UInt16, index: UInt64, first: UInt64, last: UInt64)
    /// The entry was cut; `first` is the first one kept.
    case compacted(partition: UInt16, first: UInt64)

    /// An acknowledged entry is damaged or gone.
    case damaged(JournalFinding)
    /// The partition ends at `last`, but `mark` was acknowledged: entries are lost.
    case shorterThanMark(partition: UInt16, mark: UInt64, last: UInt64)
    /// The log of a segment is broken in front of whole transactions, so that at least so many are lost.
    case tailLost(segment: UInt32, transactions: Int)

    package var code: String {
        switch self {
        case .locked: "journal.locked"
        case .newerFormat: "journal.newerFormat"
        case .notAJournal: "journal.notAJournal"
        case .unreadable: "journal.unreadable"
        case .diskFull: "journal.diskFull"
        case .failed: "journal.failed"
        case .busy: "journal.busy"
        case .closed: "journal.closed"
        case .outOfOrder: "journal.outOfOrder"
        case .termFell: "journal.termFell"
        case .entryTooLarge: "journal.entryTooLarge"
        case .tooManyPartitions: "journal.tooManyPartitions"
        case .changedInMemory: "journal.changedInMemory"
        case .outOfRange: "journal.outOfRange"
        case .compacted: "journal.compacted"
        case .damaged: "journal.damaged"
        case .shorterThanMark: "journal.shorterThanMark"
        case .tailLost: "journal.tailLost"
        }
    }

    package var description: String {
        switch self {
        case .locked(let directory, let process):
            "\(directory) is in use by process \(process): two nodes on one journal would destroy it"
        case .newerFormat(let file, let found, let known):
            "\(file) has format \(found), this version knows up to \(known): use the version that wrote it"
        case .notAJournal(let file): "\(file) is not a journal of Tandem"
        case .unreadable(let file, let cause): "\(file) cannot be read: \(cause)"
        case .diskFull: "the disk of the journal is full: free some room; writing then goes on by itself"
        case .failed(let cause): "the disk of the journal has failed, restart the node when it is sound: \(cause)"
        case .busy(let pending, let limit): "\(pending) bytes are waiting to be written, \(limit) are allowed"
        case .closed: "the journal is closed"
        case .outOfOrder(let partition, let expected, let found):
            "partition \(partition) goes on at \(expected), not at \(found)"
        case .termFell(let partition, let index, let from, let to):
            "entry \(index) of partition \(partition) has term \(to) after term \(from)"
        case .entryTooLarge(let partition, let index, let bytes, let limit):
            "entry \(index) of partition \(partition) has \(bytes) bytes, \(limit) are allowed"
        case .tooManyPartitions(let limit): "a journal holds at most \(limit) partitions"
        case .changedInMemory(let partition, let index):
            "entry \(index) of partition \(partition) changed in memory before it was written: suspect the memory"
        case .outOfRange(let partition, let index, let first, let last):
            "partition \(partition) holds \(first)…\(last), which \(index) does not fit"
        case .compacted(let partition, let first): "partition \(partition) begins at \(first)"
        case .damaged(let finding): "\(finding)"
        case .shorterThanMark(let partition, let mark, let last):
            "partition \(partition) ends at \(last), but \(mark) had been acknowledged: \(mark - last) entries are lost"
        case .tailLost(let segment, let transactions):
            "the log of segment \(segment) is damaged: at least \(transactions) acknowledged transactions are lost"
        }
    }
}
