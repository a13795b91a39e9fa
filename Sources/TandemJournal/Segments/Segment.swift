internal import Glibc

/// One file of the journal: its name, its form, and connections that read it.
final class Segment: Sendable {
    /// "TNDJ": what the file says it is.
    static let applicationID: UInt32 = 0x544E_444A
    /// Raised when an older program could misread what a newer one writes.
    static let formatVersion: UInt32 = 1

    static let schema = """
        CREATE TABLE entry (
            row INTEGER PRIMARY KEY, partition INTEGER NOT NULL, position INTEGER NOT NULL, term INTEGER NOT NULL,
            time INTEGER NOT NULL, checksum INTEGER NOT NULL, chain BLOB NOT NULL, bytes BLOB NOT NULL
        ) STRICT;
        CREATE TABLE segment (number INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT;
        \(PartitionRecord.schema)
        """

    let number: UInt32
    let path: String
    private let readers = Monitor(Readers())

    private struct Readers {
        var idle: [Database] = []
        /// Nothing will ever be written to the file again, and all of it is in the file itself.
        var isSettled = false
    }

    init(number: UInt32, directory: String) {
        self.number = number
        path = "\(directory)/\(Segment.name(number))"
    }

    static func name(_ number: UInt32) -> String {
        let digits = String(number)
        return "journal-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits).sqlite"
    }

    /// The number in a segment's file name; nil for any other file.
    static func number(ofFile name: String) -> UInt32? {
        guard name.hasPrefix("journal-"), name.hasSuffix(".sqlite") else { return nil }
        guard let number = UInt32(name.dropFirst("journal-".count).dropLast(".sqlite".count)) else { return nil }
        return Segment.name(number) == name ? number : nil
    }

    var logPath: String { path + "-wal" }

    // MARK: What it says it is

    enum Header: Equatable {
        /// Its making was not finished: nothing was ever kept in it.
        case blank
        case foreign
        case format(UInt32)
    }

    /// Looks at the file's first bytes without SQLite, which might already change something.
    func header() throws(SystemError) -> Header {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw SystemError("read", path) }
        // Only the first moments of a segment's making know a rollback journal, or a file of zeros.
        if FileSystem.size(of: path + "-journal") ?? 0 > 0 { return .blank }
        if !bytes.contains(where: { $0 != 0 }) { return .blank }
        func word(_ offset: Int) -> UInt32 {
            bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard count == bytes.count, bytes.starts(with: "SQLite format 3\0".utf8) else { return .foreign }
        // The application's number is set before anything else: without it nothing else is there.
        if word(68) == 0 && word(60) == 0 { return .blank }
        return word(68) == Segment.applicationID ? .format(word(60)) : .foreign
    }

    // MARK: Readers

    /// Lends a read-only connection, which nobody else has meanwhile.
    func withReader<R>(_ body: (Database) throws(DatabaseError) -> R) throws(DatabaseError) -> R {
        let (kept, wasSettled) = readers.withLock { ($0.idle.popLast(), $0.isSettled) }
        let reader = if let kept { kept } else { try openReader() }
        let result = try body(reader)
        readers.withLock { readers in
            guard readers.isSettled == wasSettled, readers.idle.count < JournalLimits.readersKeptMax else { return }
            readers.idle.append(reader)
        }
        return result
    }

    /// A read-only connection of one's own.
    func openReader() throws(DatabaseError) -> Database {
        let isSettled = readers.withLock { $0.isSettled }
        let reader = try Database(path: path, access: isSettled ? .immutable : .readOnly)
        try reader.execute("PRAGMA cell_size_check = ON")
        return reader
    }

    /// From now on the file is only read: its log is empty.
    func settle() {
        readers.withLock { readers in
            readers.isSettled = true
            readers.idle = []
        }
    }

    /// What is read next is read from the disk, if nothing is written any more: neither connections nor the system keep what
    /// they have read. One that is lent keeps what it has until it is given back.
    func dropCaches() {
        let isSettled = readers.withLock { readers in
            if readers.isSettled { readers.idle = [] }
            return readers.isSettled
        }
        guard isSettled else { return }
        // Who is refused reads what is kept, as before.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        Glibc.close(descriptor)
    }

    func closeReaders() {
        readers.withLock { $0.idle = [] }
    }

    /// Removes an empty log and its index, which stay behind when a reader closes later than the writer; for opening,
    /// when nobody has the file open.
    func removeEmptyLog() throws(SystemError) {
        for file in [logPath, path + "-shm"] {
            guard unlink(file) == 0 || errno == ENOENT else { throw SystemError("unlink", file) }
        }
    }

    /// Removes the file and what lies beside it. Who still has it open reads on undisturbed.
    func remove() throws(SystemError) {
        closeReaders()
        for file in [path, logPath, path + "-shm", path + "-journal"] {
            guard unlink(file) == 0 || errno == ENOENT else { throw SystemError("unlink", file) }
        }
        try FileSystem.sync(path: FileSystem.parent(of: path))
    }
}
