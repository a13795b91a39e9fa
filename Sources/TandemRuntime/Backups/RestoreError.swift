internal import TandemJournal
internal import TandemReadModel
internal import TandemWire

/// Why a backup was not restored; each says what is wrong and what to do. The backup is as it was.
package enum RestoreError: Error, CustomStringConvertible, Sendable {
    case noBackup(String)
    /// Its `backup.json` is not what `tandem backup` wrote.
    case manifest(path: String, what: String)
    case format(Int)
    /// A file of the backup, below its directory.
    case damaged(file: String, what: String)
    /// What its files hold does not fit together.
    case unsound(String)
    /// The cluster that it is of writes what this build does not read.
    case newerFormat(UInt8)
    case notEmpty(directory: String, name: String)
    /// Another process restores into the directory.
    case underWay(String)
    /// Bytes.
    case noRoom(needed: Int, free: Int)
    case failed(String)

    package var description: String {
        switch self {
        case .noBackup(let path):
            """
            there is no whole backup at \(path): it has no \(BackupManifest.file); take what tandem backups lists, or a copy \
            of it with all its files
            """
        case .manifest(let path, let what): "\(path) cannot be read (\(what)): take another copy of the backup"
        case .format(let format):
            """
            the backup has format \(format), and this build restores format \(BackupManifest.formatNow): use the build that \
            made it, or take a new backup
            """
        case .damaged(let file, let what):
            "the backup is damaged: \(file) \(what); take another copy, or another backup"
        case .unsound(let what): "the backup is not sound: \(what); take another copy, or another backup"
        case .newerFormat(let format):
            """
            the backup is of a cluster that writes format \(format), and this build reads \(WireVersion.read.lowerBound) to \
            \(WireVersion.read.upperBound): restore it with a newer build
            """
        case .notEmpty(let directory, let name):
            "\(directory) is not empty (\(name) is in it): a backup is restored into a directory of its own"
        case .underWay(let directory): "another process is restoring into \(directory)"
        case .noRoom(let needed, let free):
            "the backup needs \(needed) bytes where it is restored, and \(free) are free: make room, or name another disk"
        case .failed(let what): "the backup could not be restored: \(what)"
        }
    }

    /// What the files and SQLite threw meanwhile, in these words.
    init(_ error: any Error) {
        switch error {
        case let error as RestoreError: self = error
        case let error as SystemError where error.isDiskFull: self = .failed("the disk is full; make room")
        case JournalError.diskFull: self = .failed("the disk is full; make room")
        case let error as StoreError where error.isDiskFull: self = .failed("the disk is full; make room")
        case SnapshotTrouble.failed(let what): self = .unsound(what)
        default: self = .failed("\(error)")
        }
    }
}
