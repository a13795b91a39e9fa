internal import Glibc

/// Sets the wall clock of a node in tests and drills: the node adds to the machine's what the file says, which it maps.
package final class WallClockFile {
    private let path: String

    /// - Parameter path: not in the node's directory, which may be wiped
    package init(_ path: String) {
        self.path = path
        set(aheadMilliseconds: 0)
    }

    deinit { unlink(path) }

    /// What a node is started with whose clock it sets.
    package var arguments: [String] { ["--conformance", "--test-wall-file", path] }

    /// The clock shows so much more than the machine's from now on; the node may be up or down.
    package func set(aheadMilliseconds: Int64) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        withUnsafeBytes(of: aheadMilliseconds) { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
