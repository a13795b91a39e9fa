internal import TandemJournal

/// Copies of a partition's store, made while it is written.
package enum StoreBackup {
    /// Copies the store in `directory` to a new file at `path`, and says up to which entry the copy goes.
    ///
    /// The copy is whole or not there: it is checked before it gets its name, and its mark is read from itself. It is
    /// a plain SQLite file, with nothing beside it. The source's log cannot be reset meanwhile.
    ///
    /// - Parameter progress: pages copied and pages in all, after each few MiB.
    package static func make(
        of directory: String, to path: String, progress: (Int, Int) -> Void = { _, _ in }
    ) throws(StoreError) -> StoreMark {
        let reader = try StoreReader(directory: directory)
        defer { reader.close() }
        var mark: StoreMark?
        try StoreError.wrapping {
            try reader.database.backup(to: path) { step in
                progress(step.copiedPages, step.totalPages)
            } check: { copy in
                mark = try StoreMark.read(from: copy)
            }
        }
        guard let mark else { throw .missing(path: directory) }
        return mark
    }
}
