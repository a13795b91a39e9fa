import Foundation
import TestPrograms

/// A file system of a few MiB in memory, which a test fills up. It goes with the last who holds it.
final class SmallDisk {
    let path = NSTemporaryDirectory() + "tandem-small-disk-\(UUID().uuidString)"
    private var fill: String { path + "/fill" }

    /// Whether this process may mount: as root in most places, not in every container.
    static let isPermitted = (try? SmallDisk(mebibytes: 1)) != nil

    init(mebibytes: Int) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard Self.run("mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", path) else {
            try? FileManager.default.removeItem(atPath: path)
            throw Daemon.Trouble(description: "mount is not permitted")
        }
    }

    deinit {
        _ = Self.run("umount", "--lazy", path)
        try? FileManager.default.removeItem(atPath: path)
    }

    var free: Int {
        get throws {
            let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
            return (attributes[.systemFreeSize] as? NSNumber)?.intValue ?? 0
        }
    }

    /// Takes what is free, but for so many bytes. Others may take some meanwhile: it stops when nothing is left.
    func fill(leaving left: Int) throws {
        let file = try FileHandle(forWritingTo: Self.made(fill))
        defer { try? file.close() }
        try file.seekToEnd()
        while case let more = try free - left, more > 0 {
            guard (try? file.write(contentsOf: Data(count: min(more, 65_536)))) != nil else { return }
        }
    }

    func makeRoom() throws { try FileManager.default.removeItem(atPath: fill) }

    private static func made(_ path: String) -> URL {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        return URL(fileURLWithPath: path)
    }

    private static func run(_ words: String...) -> Bool {
        (try? ProgramRun("/usr/bin/env", words))?.status == 0
    }
}
