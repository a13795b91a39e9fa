internal import Foundation
internal import Synchronization
internal import TandemJournal
internal import TandemReadModel
internal import TandemTransport

/// What a backup holds; beside it as `backup.json`.
package struct BackupManifest: Codable, Sendable, Equatable {
    package struct Partition: Codable, Sendable, Equatable {
        package let partition: UInt16
        /// The entries in the copied store: events, and records; 0 where it had none yet.
        package let applied: UInt64
        package let recordsApplied: UInt64
        /// The entries in the copied journal.
        package let journalFirst: UInt64
        package let journalLast: UInt64
    }

    package struct File: Codable, Sendable, Equatable {
        /// Below the backup's directory.
        package let path: String
        package let bytes: Int
        package let sha256: String
    }

    package let format: Int
    package let name: String
    package let node: UInt32
    package let incarnation: UInt64
    /// Milliseconds since 1970, by the wall clock: everything acknowledged before the first is in the backup.
    package let startedAt: Int64
    package let finishedAt: Int64
    package let partitions: [Partition]
    package let files: [File]
}

/// Why there is no backup; whatever was written of it is gone.
package enum BackupError: Error, CustomStringConvertible, Sendable {
    /// Letters, digits, dots, dashes and underlines, beginning with a letter or digit, at most 64.
    case name(String)
    case exists(String)
    case underWay
    case diskFull
    /// The copy was made and is not what it must be.
    case unsound(String)
    case failed(String)

    package var description: String {
        switch self {
        case .name(let name): "\"\(name)\" cannot be a backup's name"
        case .exists(let name): "there is a backup \(name) already"
        case .underWay: "a backup is being made"
        case .diskFull: "there is no room for it"
        case .unsound(let what): "the copy is not sound: \(what)"
        case .failed(let what): what
        }
    }
}

extension Node {
    private static let manifestFile = "backup.json"
    private static let attemptsMax = 3

    private var backupFolder: String { configuration.directory + "/backups" }

    /// Copies the whole node into `backups/NAME` below its directory while it goes on working, and checks the copy.
    ///
    /// Waits, some seconds per GB: never on a loop. Everything acknowledged before it began is in the copy. A node can be
    /// started on a copy of the copy. It gets its name only when it is whole, checked and synced.
    package func backUp(named name: String) throws(BackupError) -> BackupManifest {
        guard Self.isName(name) else { throw .name(name) }
        guard isBackingUp.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        else { throw .underWay }
        defer { isBackingUp.store(false, ordering: .releasing) }
        // From here on the journal keeps what the stores' copies will need.
        guard state.holdCuts(true) else { throw .failed("a store is just being replaced; try again") }
        defer { _ = state.holdCuts(false) }
        let target = "\(backupFolder)/\(name)"
        guard !FileManager.default.fileExists(atPath: target) else { throw .exists(name) }
        let partial = target + ".partial"
        do {
            return try copy(named: name, to: partial, then: target)
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            switch error {
            case let error as BackupError: throw error
            case JournalError.diskFull: throw .diskFull
            case let error as StoreError where error.isDiskFull: throw .diskFull
            case let error as CocoaError where error.code == .fileWriteOutOfSpace: throw .diskFull
            default: throw .failed("\(error)")
            }
        }
    }

    /// The manifests of the backups that are whole, by name.
    package func backups() -> [BackupManifest] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: backupFolder)) ?? []
        return names.filter(Self.isName).sorted().compactMap { name in
            let path = "\(backupFolder)/\(name)/\(Self.manifestFile)"
            guard let data = FileManager.default.contents(atPath: path) else { return nil }
            return try? JSONDecoder().decode(BackupManifest.self, from: data)
        }
    }

    static func isName(_ name: String) -> Bool {
        func isPlain(_ character: UInt8) -> Bool {
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard (1...64).contains(name.utf8.count), let first = name.utf8.first, isPlain(first) else { return false }
        return !name.hasSuffix(".partial") && name.utf8.allSatisfy { isPlain($0) || "._-".utf8.contains($0) }
    }

    private func copy(named name: String, to partial: String, then target: String) throws -> BackupManifest {
        let files = FileManager.default
        let private700: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try files.createDirectory(atPath: backupFolder, withIntermediateDirectories: true, attributes: private700)
        try? files.removeItem(atPath: partial)
        try files.createDirectory(atPath: partial, withIntermediateDirectories: false, attributes: private700)
        let startedAt = clock.wall()
        // The stores first: the journal, copied after them, has at least what they have.
        var marks: [UInt16: StoreMark] = [:]
        for number in 0..<UInt16(partitionCount) {
            let folder = StateThread.folder(number, in: partial)
            try files.createDirectory(atPath: folder, withIntermediateDirectories: false, attributes: private700)
            marks[number] = try copyStore(of: number, to: folder)
        }
        let label = "\(name), made at \(Date(timeIntervalSince1970: Double(startedAt) / 1_000).formatted(.iso8601))"
        let report = try copyJournal(to: partial + "/journal", label: label)
        let partitions = try check(report, marks)
        try? files.removeItem(atPath: partial + "/journal/journal.reserve")  // Taken again at the next start.
        let manifest = BackupManifest(
            format: 1, name: name, node: configuration.node, incarnation: incarnation, startedAt: startedAt,
            finishedAt: clock.wall(), partitions: partitions, files: try describe(partial))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(manifest).write(to: URL(fileURLWithPath: "\(partial)/\(Self.manifestFile)"))
        for file in manifest.files.map(\.path) + [Self.manifestFile, ""] { try Self.sync("\(partial)/\(file)") }
        try files.moveItem(atPath: partial, toPath: target)
        try Self.sync(backupFolder)
        return manifest
    }

    /// Nil where nothing was ever written to it: the journal has it all.
    private func copyStore(of number: UInt16, to folder: String) throws -> StoreMark? {
        do {
            return try StoreBackup.make(
                of: StateThread.folder(number, in: configuration.directory), to: folder + "/state.sqlite")
        } catch {
            if case .missing = error { return nil }
            throw error
        }
    }

    /// A segment that was cut just before may go away under the copy; another try begins after it.
    private func copyJournal(to target: String, label: String) throws -> JournalReport {
        var attempts = 1
        while true {
            do {
                return try journal.backup(to: target, label: label)
            } catch {
                guard case .unreadable = error, attempts < Self.attemptsMax else { throw error }
                attempts += 1
                try? FileManager.default.removeItem(atPath: target)
            }
        }
    }

    /// Store and journal of each partition must meet: a start reads the records and applies the journal behind them.
    private func check(
        _ report: JournalReport, _ marks: [UInt16: StoreMark]
    ) throws(BackupError) -> [BackupManifest.Partition] {
        guard report.isSound else {
            let problems = report.partitions.compactMap { $0.problem.map { "\($0)" } }
            throw .unsound((problems + report.findings.map(\.description)).prefix(3).joined(separator: "; "))
        }
        var partitions: [BackupManifest.Partition] = []
        for number in 0..<UInt16(partitionCount) {
            let log = report.partitions.first { $0.partition == number }
            let (first, last) = (log?.firstIndex ?? 1, log?.lastIndex ?? 0)
            let (applied, records) = (marks[number]?.applied ?? 0, marks[number]?.recordsApplied ?? 0)
            guard last >= applied, first <= records + 1 else {
                throw .unsound(
                    "partition \(number) has records up to entry \(records), events up to \(applied), journal "
                        + "\(first) to \(last)")
            }
            partitions.append(
                BackupManifest.Partition(
                    partition: number, applied: applied, recordsApplied: records, journalFirst: first,
                    journalLast: last))
        }
        return partitions
    }

    private func describe(_ folder: String) throws -> [BackupManifest.File] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().compactMap { path in
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")
            guard attributes[.type] as? FileAttributeType == .typeRegular else { return nil }
            let digest = try Digest.sha256(ofFile: "\(folder)/\(path)")
            return BackupManifest.File(
                path: path, bytes: (attributes[.size] as? NSNumber)?.intValue ?? 0,
                sha256: digest.map { String(format: "%02x", $0) }.joined())
        }
    }

    private static func sync(_ path: String) throws(BackupError) {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0, fsync(descriptor) == 0 else { throw .failed("\(path) cannot be synced") }
        close(descriptor)
    }
}
