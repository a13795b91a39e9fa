package import TandemJournal
package import TandemWire

/// Why a partition's store could not do what was asked; nothing of it was done.
package enum StoreError: Error, Sendable, CustomStringConvertible {
    /// The entry after the applied ones was expected: one that is left out would be lost without a word.
    case gap(expected: UInt64, found: UInt64)
    /// An entry has more events than a position can number (`EventPosition.eventsMax`).
    case entryTooLarge(index: UInt64)
    /// The file belongs to another partition.
    case otherPartition(expected: UInt16, found: Int64)
    /// There is no such file, or it has never been written to.
    case missing(path: String)
    /// Records flushed for an index that is not applied, or below what was flushed before.
    case recordsOutOfOrder(applied: UInt64, recordsApplied: UInt64, flushed: UInt64)
    /// A row does not say what it must: `row` is its table and key.
    case damaged(row: String, cause: WireError?)
    /// SQLite or the disk refused; see `isDiskFull`.
    case database(DatabaseError)
    case migration(MigrationError)
    case backup(String)
    /// A sync failed or the file was found damaged before: what it holds since its last checkpoint is not certain, so
    /// it is not written any more. A restart opens it anew and takes the rest from the journal.
    case abandoned

    /// Stable: operators search for it.
    package var code: String {
        switch self {
        case .gap: "store.gap"
        case .entryTooLarge: "store.entryTooLarge"
        case .otherPartition: "store.otherPartition"
        case .missing: "store.missing"
        case .recordsOutOfOrder: "store.recordsOutOfOrder"
        case .damaged: "store.damaged"
        case .database(let error): error.isDiskFull ? "store.diskFull" : "store.database"
        case .migration: "store.migration"
        case .backup: "store.backup"
        case .abandoned: "store.abandoned"
        }
    }

    /// There was no room; the same call succeeds once there is.
    package var isDiskFull: Bool {
        if case .database(let error) = self { return error.isDiskFull }
        return false
    }

    /// What is in the file is not what was written there.
    package var isDamage: Bool {
        switch self {
        case .damaged: true
        case .database(let error): error.isCorrupt
        case .gap, .entryTooLarge, .otherPartition, .missing, .recordsOutOfOrder, .migration, .backup, .abandoned: false
        }
    }

    /// The file must not be written any more.
    var isFinal: Bool {
        if case .database(let error) = self { return error.isIOError || error.isCorrupt }
        return false
    }

    package var description: String {
        switch self {
        case .gap(let expected, let found): "\(code): entry \(expected) comes next, not \(found)"
        case .entryTooLarge(let index): "\(code): entry \(index) has more than \(EventPosition.eventsMax) events"
        case .otherPartition(let expected, let found): "\(code): partition \(found) lives here, not \(expected)"
        case .missing(let path): "\(code): there is no store at \(path)"
        case .recordsOutOfOrder(let applied, let records, let flushed):
            "\(code): records of entry \(flushed), with \(applied) applied and records flushed up to \(records)"
        case .damaged(let row, let cause): "\(code): \(row)" + (cause.map { " (\($0))" } ?? "")
        case .database(let error): "\(code): \(error)"
        case .migration(let error): "\(code): \(error)"
        case .backup(let reason): "\(code): \(reason)"
        case .abandoned: "\(code): the file failed before and is not written any more"
        }
    }

    /// Calls `body`, and says in this target's words what Journal threw there.
    static func wrapping<R>(_ body: () throws -> R) throws(StoreError) -> R {
        do {
            return try body()
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw .database(error)
        } catch let error as MigrationError {
            throw .migration(error)
        } catch {
            throw .backup(String(describing: error))
        }
    }
}
