import Foundation
import TandemReadModel

/// A directory of its own for one test, removed at the end.
final class Scratch {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "tandem-readmodel-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    func copyFiles(to other: Scratch) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where !name.hasSuffix("-shm") {
            try FileManager.default.copyItem(atPath: path + "/" + name, toPath: other.path + "/" + name)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension PartitionStore {
    /// One batch alone.
    func append(_ batch: [CommittedEntry]) throws(StoreError) { try append([batch]) }
}
