internal import Glibc

/// Keeps a second node out of a directory for as long as the object lives; the kernel drops it with the process.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    init(directory: String) throws(JournalError) {
        let path = "\(directory)/journal.lock"
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw .unreadable(file: path, cause: "\(SystemError("open", path))")
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            var bytes = [UInt8](repeating: 0, count: 16)
            let count = pread(opened, &bytes, bytes.count, 0)
            close(opened)
            let text = String(decoding: bytes.prefix(max(count, 0)).prefix { $0 != 10 }, as: UTF8.self)
            throw .locked(directory: directory, process: Int32(text) ?? 0)
        }
        // The number only helps people; a disk too full to take it does not keep a node from starting.
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(opened, 0)
        _ = pwrite(opened, text, text.count, 0)
        descriptor = opened
    }

    deinit {
        // Not by closing alone: a child that was just forked holds the same lock until it becomes another program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
