internal import Glibc

/// A file that only takes up room, given up when the disk is full: so that votes and cuts can still be written, and the
/// read model brought up to what was acknowledged.
package struct DiskReserve {
    private let path: String
    private let byteCount: Int
    package private(set) var isHeld = false

    package init(path: String, byteCount: Int) {
        self.path = path
        self.byteCount = byteCount
    }

    /// Takes the room, if there is twice as much: what is left over is what entries may use. False if not.
    @discardableResult
    package mutating func take() -> Bool {
        if isHeld { return true }
        guard byteCount > 0 else {
            isHeld = true
            return true
        }
        if FileSystem.size(of: path) == byteCount {
            isHeld = true
            return true
        }
        guard let free = try? FileSystem.freeBytes(at: FileSystem.parent(of: path)), free >= 2 * byteCount else {
            return false
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard posix_fallocate(descriptor, 0, off_t(byteCount)) == 0 else {
            unlink(path)
            return false
        }
        isHeld = true
        return true
    }

    /// Gives the room up.
    package mutating func release() {
        unlink(path)
        isHeld = false
    }
}
