internal import Foundation
internal import TandemJournal

/// The directory that a backup is restored into. A file in it says that it is not finished, from before the first of what is
/// made there until all of it is synced: no node starts on it, and the next restore begins anew.
///
/// ```
/// restore.unfinished        which backup; locked by the process that is at it
/// from-backup/journal/      the backup's journal, as long as the stores' records are brought up from it
/// partition-N/state.sqlite  as in a node's directory
/// journal/
/// ```
final class RestorePlace {
    private static let marker = "restore.unfinished"
    private static let sourceFolder = "from-backup"
    private static let journalFolder = "journal"
    /// Bytes that are left free beside the copies: the new journal's first files.
    private static let freeBytesKept = 64 << 20

    let directory: String
    private let lock: Int32

    static func isUnfinished(_ directory: String) -> Bool { FileSystem.size(of: "\(directory)/\(marker)") != nil }

    /// Takes an empty directory, which is made where there is none, or one in which this was begun before.
    ///
    /// - Throws: `RestoreError` for any other.
    init(_ directory: String, for backup: String) throws {
        let path = "\(directory)/\(Self.marker)"
        if !FileManager.default.fileExists(atPath: directory) {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            // Now, while nothing is lost by it. Who did not make it may not be allowed to, nor has to.
            try FileSystem.sync(path: FileSystem.parent(of: directory))
        }
        let isNew = !Self.isUnfinished(directory)
        if isNew {
            try Self.requireEmpty(directory, but: [])
            try FileSystem.write(Array("\(backup)\n".utf8), at: 0, to: path)
            try FileSystem.sync(path: directory)
        }
        let lock = open(path, O_RDWR | O_CLOEXEC)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            if lock >= 0 { close(lock) }
            throw RestoreError.underWay(directory)
        }
        self.directory = directory
        self.lock = lock
        // Whoever made the file a moment ago may have finished since, or begun at the same time as this.
        guard Self.isUnfinished(directory) else { throw RestoreError.underWay(directory) }
        do {
            try clear()
            try Self.requireEmpty(directory, but: [Self.marker])
            try FileSystem.makeDirectory(source)
            try FileSystem.makeDirectory(source + "/" + Self.journalFolder)
        } catch {
            // What was begun before stays unfinished.
            if isNew { giveUp() }
            throw error
        }
    }

    deinit { close(lock) }

    var source: String { "\(directory)/\(Self.sourceFolder)" }
    var sourceJournal: String { "\(source)/\(Self.journalFolder)" }
    var journal: String { "\(directory)/\(Self.journalFolder)" }

    /// A disk of its own has a folder for what is found on it.
    private static func requireEmpty(_ directory: String, but known: [String]) throws {
        if let name = try FileSystem.names(in: directory).first(where: { $0 != "lost+found" && !known.contains($0) }) {
            throw RestoreError.notEmpty(directory: directory, name: name)
        }
    }

    func requireRoom(for bytes: Int) throws {
        let free = try FileSystem.freeBytes(at: directory)
        guard bytes + Self.freeBytesKept <= free else {
            throw RestoreError.noRoom(needed: bytes + Self.freeBytesKept, free: free)
        }
    }

    /// Where a file of the backup is copied to: stores to where they stay.
    func target(of file: String) throws -> String {
        if file.hasPrefix(Self.journalFolder + "/") { return "\(source)/\(file)" }
        let target = "\(directory)/\(file)"
        try FileSystem.makeDirectory(FileSystem.parent(of: target))
        return target
    }

    /// All is made: from here on it is a node's directory.
    func finish() throws {
        try FileManager.default.removeItem(atPath: source)
        for name in try made() { try FileSystem.syncAll(below: "\(directory)/\(name)") }
        try FileSystem.sync(path: directory)
        try FileSystem.remove("\(directory)/\(Self.marker)")
        try FileSystem.sync(path: directory)
    }

    /// Leaves the directory as empty as it was.
    func giveUp() {
        try? clear()
        try? FileSystem.remove("\(directory)/\(Self.marker)")
    }

    /// Removes what a restore makes, and nothing else.
    private func clear() throws {
        let names = try made()
        for name in names { try FileManager.default.removeItem(atPath: "\(directory)/\(name)") }
        if !names.isEmpty { try FileSystem.sync(path: directory) }
    }

    /// What of a restore is there.
    private func made() throws -> [String] {
        try FileSystem.names(in: directory).filter { name in
            name == Self.sourceFolder || name == Self.journalFolder
                || (name.hasPrefix("partition-") && name.dropFirst(10).allSatisfy(\.isNumber))
        }
    }
}
