internal import Glibc

/// A call to the operating system that failed.
package struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    package let operation: String
    package let path: String
    /// The `errno`.
    package let number: Int32

    /// Reads `errno`: make it right after the call.
    init(_ operation: String, _ path: String, number: Int32 = errno) {
        self.operation = operation
        self.path = path
        self.number = number
    }

    package var isDiskFull: Bool { number == ENOSPC || number == EDQUOT }

    /// This process or the machine has too many files open: another may be closed any moment.
    var isOutOfDescriptors: Bool { number == EMFILE || number == ENFILE }

    package var description: String { "\(operation) \(path): \(String(cString: strerror(number)))" }
}

/// The few things that are asked of the file system beside SQLite.
package enum FileSystem {
    /// Makes what was written to a file, or the names in a directory, survive a power cut.
    package static func sync(path: String) throws(SystemError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SystemError("fsync", path) }
    }

    /// The same of a directory and all below it.
    package static func syncAll(below directory: String) throws(SystemError) {
        for name in try names(in: directory) {
            let path = "\(directory)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { throw SystemError("lstat", path) }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try syncAll(below: path)
            case S_IFREG: try sync(path: path)
            default: break  // Nothing that could be lost.
            }
        }
        try sync(path: directory)
    }

    package static func rename(_ old: String, to new: String) throws(SystemError) {
        guard Glibc.rename(old, new) == 0 else { throw SystemError("rename", old) }
    }

    /// Makes the directory, unless it is there, so that its name survives a power cut.
    package static func makeDirectory(_ path: String) throws(SystemError) {
        if mkdir(path, 0o700) == 0 { return try sync(path: parent(of: path)) }
        guard errno == EEXIST else { throw SystemError("mkdir", path) }
    }

    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The names in a directory, sorted.
    package static func names(in directory: String) throws(SystemError) -> [String] {
        guard let stream = opendir(directory) else { throw SystemError("opendir", directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Bytes of a file; nil if there is none.
    package static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Bytes that may still be written where `path` is.
    package static func freeBytes(at path: String) throws(SystemError) -> Int {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw SystemError("statvfs", path) }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }

    /// Removes a file; one that is not there is none.
    package static func remove(_ path: String) throws(SystemError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemError("unlink", path) }
    }

    /// Writes bytes at an offset of a file, which is made where there is none, and makes them survive a power cut. What a
    /// call that threw has left there may be anything.
    package static func write(_ bytes: [UInt8], at offset: UInt64, to path: String) throws(SystemError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { Glibc.close(descriptor) }
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes { bytes in
                pwrite(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset) + done)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw SystemError("write", path) }
            done += written
        }
        guard fdatasync(descriptor) == 0 else { throw SystemError("fdatasync", path) }
    }

    /// Bytes of a file from an offset on, as many as there are up to `count`.
    package static func read(_ path: String, at offset: UInt64, count: Int) throws(SystemError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { Glibc.close(descriptor) }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let taken = pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + filled)
                if taken < 0, errno == EINTR { continue }
                failed = taken < 0
                guard taken > 0 else { return }
                filled += taken
            }
        }
        if failed { throw SystemError("read", path) }
        return bytes
    }

    /// Shortens a file.
    package static func truncate(_ path: String, to bytes: UInt64) throws(SystemError) {
        guard Glibc.truncate(path, off_t(bytes)) == 0 else { throw SystemError("truncate", path) }
    }

    /// Appends zeros to a file until it has so many bytes, synced in pieces so that others who sync are not held up for
    /// long. True if it has; else it is as it was, for want of room or because `goesOn` said no.
    static func fill(_ path: String, to bytes: Int, while goesOn: () -> Bool) throws(SystemError) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { Glibc.close(descriptor) }
        guard let before = size(of: path) else { throw SystemError("stat", path) }
        let zeros = [UInt8](repeating: 0, count: fillPiece)
        var end = before
        while end < bytes {
            let written = goesOn() ? pwrite(descriptor, zeros, min(zeros.count, bytes - end), end) : 0
            if written > 0, fdatasync(descriptor) == 0 {
                end += written
                continue
            }
            let error = SystemError("write", path)
            guard ftruncate(descriptor, before) == 0 else { throw SystemError("ftruncate", path) }
            // Room that is not there, or not allowed, is only not used; a failed sync is a failed disk.
            if written != 0 && !error.isDiskFull && error.number != EFBIG { throw error }
            return false
        }
        return true
    }

    private static let fillPiece = 1 << 20

    /// Milliseconds of the monotonic clock, for intervals only.
    static func monotonicMilliseconds() -> Int { monotonicMicroseconds() / 1_000 }

    /// The same in microseconds.
    static func monotonicMicroseconds() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1_000_000 + now.tv_nsec / 1_000
    }
}
