internal import Foundation
internal import Glibc
internal import TestPrograms

/// A file system of a node's own, which a drill fills up: ext4 in a file, where syncing costs what it costs elsewhere. It is
/// mounted as long as somebody holds it; the file stays.
final class SmallDisk {
    private let path: String
    private var fillPath: String { path + "/fill" }

    struct NotMounted: Error, CustomStringConvertible {
        let description: String
    }

    /// Whether this process may mount: as root in most places, not in every container.
    static func isPermitted(under directory: String) -> Bool {
        let path = directory + "/try"
        defer {
            try? FileManager.default.removeItem(atPath: path)
            try? FileManager.default.removeItem(atPath: imagePath(path))
        }
        return (try? SmallDisk(mebibytes: 8, at: path)) != nil
    }

    private static func imagePath(_ path: String) -> String { path + ".image" }

    init(mebibytes: Int, at path: String) throws {
        self.path = path
        let imagePath = Self.imagePath(path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard Self.run("truncate", "-s", "\(mebibytes)M", imagePath), Self.run("mkfs.ext4", "-q", "-m", "0", imagePath),
            Self.run("mount", "-o", "loop", imagePath, path)
        else {
            try? FileManager.default.removeItem(atPath: path)
            try? FileManager.default.removeItem(atPath: imagePath)
            throw NotMounted(description: "no file system can be mounted at \(path): that takes root and loop devices")
        }
    }

    deinit {
        _ = Self.run("umount", "--lazy", path)
    }

    /// Takes all that is free, without writing it.
    func fill() {
        let descriptor = open(fillPath, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var (offset, size) = (0, 1 << 30)
        while size >= 4_096 {
            if posix_fallocate(descriptor, offset, size) == 0 { offset += size } else { size /= 2 }
        }
    }

    func makeRoom() { try? FileManager.default.removeItem(atPath: fillPath) }

    private static func run(_ words: String...) -> Bool {
        (try? ProgramRun("/usr/bin/env", ["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"] + words))?.status == 0
    }
}
