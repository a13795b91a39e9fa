internal import TandemJournal

/// Copies of a partition's store, made while it is written.
package enum StoreBackup {
    /// Copies the store in `directory` to a new file at `path`, and says up to which entry the copy goes.
    ///
    /// The copy is whole or not there: it is checked before it gets its name, and its mark is read from itself. It is
    /// a plain SQLite file, with nothing beside it. The source's log cannot be reset meanwhile.
    ///
    /// - Parameter progress: pages copied and pages in all, after each few MiB; what it throws ends the copying.
    package static func make(
        of directory: String, to path: String, progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws(StoreError) -> StoreMark {
        let reader = try StoreReader(directory: directory)
        defer { reader.close() }
        var mark: StoreMark?
        try StoreError.wrapping {
            try reader.database.backup(to: path) { step in
                try progress(step.copiedPages, step.totalPages)
            } check: { copy in
                mark = try StoreMark.read(from: copy)
            }
        }
        guard let mark else { throw .missing(path: directory) }
        return mark
    }

    /// Looks whether the file at `path`, which nobody has open, is a store of this program's that SQLite finds sound, and
    /// says how far it goes. Nothing is written, not even beside it.
    ///
    /// - Throws: `backup` with SQLite's complaints, `migration` for a newer program's file, `missing` when it is no store.
    package static func inspect(_ path: String) throws(StoreError) -> StoreMark {
        var mark: StoreMark?
        try StoreError.wrapping {
            let database = try Database(path: path, access: .immutable)
            defer { database.close() }
            let complaints = try database.quickCheck(limit: 3)
            guard complaints.isEmpty else { throw StoreError.backup(complaints.joined(separator: "; ")) }
            try Schema.migrator().check(database)
            mark = try StoreMark.read(from: database)
        }
        guard let mark else { throw .missing(path: path) }
        return mark
    }
}
