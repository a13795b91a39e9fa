extension Journal {
    /// The fact under which a copy says that it is one.
    package static let backupKey = "backup"

    /// Copies everything that is durable now into the directory `target`, which is made, while the writer goes on; then
    /// opens the copy, which checks every entry, and writes `label` into its facts under `backupKey`.
    ///
    /// The copy is a journal that a node can be started on. The caller sees to it that nothing is cut
    /// meanwhile and no partition begins anew.
    ///
    /// - Returns: what opening the copy found; the copy is of no use unless it is sound.
    package func backup(to target: String, label: String) throws(JournalError) -> JournalReport {
        // Each segment goes on where the one before it ends, so copies made in this order are a beginning of the journal.
        let segments = catalog.withLock { $0.members.map(\.segment) }
        do {
            try FileSystem.makeDirectory(target)
            for segment in segments {
                let source = try segment.openReader()
                defer { source.close() }
                try source.backup(to: "\(target)/\(Segment.name(segment.number))")
            }
        } catch let error as DatabaseError where error.isDiskFull {
            throw .diskFull
        } catch let error as SystemError where error.isDiskFull {
            throw .diskFull
        } catch {
            throw .unreadable(file: target, cause: "\(error)")
        }
        let copy = try Journal(directory: target)
        defer { copy.close() }
        try copy.commitNow(.meta(key: Self.backupKey, value: label))
        return copy.report
    }
}
