internal import Foundation
internal import TandemJournal
internal import TandemTransport

/// A backup where it is kept: it is read and compared with what it says of itself, never written.
struct KeptBackup {
    /// Bytes of a manifest at most: some hundred for each file, and a journal of 256 GB has 4,096 files.
    private static let manifestBytesMax = 16 << 20
    private static let partBytes = 4 << 20

    let path: String
    let manifest: BackupManifest

    /// - Throws: `RestoreError` when it is none, or its manifest is not one that this build writes.
    init(at path: String) throws {
        let file = "\(path)/\(BackupManifest.file)"
        guard let size = FileSystem.size(of: file) else { throw RestoreError.noBackup(path) }
        guard size <= Self.manifestBytesMax else { throw RestoreError.manifest(path: file, what: "it is too long") }
        let data = Data(try FileSystem.read(file, at: 0, count: size))
        // Only this much is the same in all formats.
        guard let form = try? JSONDecoder().decode(Form.self, from: data) else {
            throw RestoreError.manifest(path: file, what: "it is no description of a backup")
        }
        guard form.format == BackupManifest.formatNow else { throw RestoreError.format(form.format) }
        do {
            manifest = try JSONDecoder().decode(BackupManifest.self, from: data)
        } catch {
            throw RestoreError.manifest(path: file, what: "it lacks something of a backup's description")
        }
        self.path = path
        try check(file)
    }

    private struct Form: Decodable {
        let format: Int
    }

    var bytes: Int { manifest.files.reduce(0) { $0 + $1.bytes } }

    /// A journal's file or a partition's store, each partition has one, and nothing leads out of the directory.
    private func check(_ file: String) throws {
        let count = manifest.partitions.count
        guard (1...256).contains(count), manifest.partitions.map(\.partition) == Array(0..<UInt16(count)) else {
            throw RestoreError.manifest(path: file, what: "its partitions are not numbered from 0 on")
        }
        let stores = Set((0..<UInt16(count)).map { BackupManifest.store(of: $0) })
        let names = manifest.files.map(\.path)
        guard Set(names).count == names.count, stores.isSubset(of: names) else {
            throw RestoreError.manifest(path: file, what: "it does not name the store of each partition once")
        }
        for name in names where !stores.contains(name) {
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == "journal", !parts[1].isEmpty, parts[1].first != "." else {
                throw RestoreError.manifest(path: file, what: "it names \(name), which belongs to no backup")
            }
        }
        guard manifest.files.allSatisfy({ $0.bytes >= 0 }) else {
            throw RestoreError.manifest(path: file, what: "a file has less than no bytes")
        }
    }

    /// What can be seen at once, before anything is made.
    func checkSizes() throws {
        for file in manifest.files {
            let size = FileSystem.size(of: "\(path)/\(file.path)")
            guard let size else { throw RestoreError.damaged(file: file.path, what: "is missing") }
            guard size == file.bytes else {
                throw RestoreError.damaged(file: file.path, what: "has \(size) bytes, not \(file.bytes)")
            }
        }
    }

    /// Copies a file, durably, and compares the copy with the manifest.
    func copy(_ file: BackupManifest.File, to target: String) throws {
        let source = "\(path)/\(file.path)"
        var offset = 0
        repeat {
            let part: [UInt8]
            do throws(SystemError) {
                part = try FileSystem.read(source, at: UInt64(offset), count: min(Self.partBytes, file.bytes - offset))
            } catch {
                throw RestoreError.damaged(file: file.path, what: "cannot be read (\(error))")
            }
            guard !part.isEmpty || offset == file.bytes else {
                throw RestoreError.damaged(file: file.path, what: "ends at byte \(offset) of \(file.bytes)")
            }
            try FileSystem.write(part, at: UInt64(offset), to: target)
            offset += part.count
        } while offset < file.bytes
        let digest = try Digest.sha256(ofFile: target).map { String(format: "%02x", $0) }.joined()
        guard digest == file.sha256 else {
            throw RestoreError.damaged(file: file.path, what: "is not what was backed up (its SHA-256 is another one)")
        }
    }
}
