internal import Foundation
internal import Synchronization
internal import TandemJournal
internal import TandemReadModel
internal import TandemTransport

/// Why there is no backup; whatever was written of it is gone.
package enum BackupError: Error, CustomStringConvertible, Sendable {
    /// Letters, digits, dots, dashes and underlines, beginning with a letter or digit, at most 64.
    case name(String)
    case exists(String)
    case underWay
    /// Nobody could say what was acknowledged in a partition, or this node did not get all of it in time.
    case notCurrent(partition: UInt16, why: String)
    case diskFull
    /// The copy was made and is not what it must be.
    case unsound(String)
    case failed(String)

    package var description: String {
        switch self {
        case .name(let name): "\"\(name)\" cannot be a backup's name"
        case .exists(let name): "there is a backup \(name) already"
        case .underWay: "a backup is being made"
        case .notCurrent(let partition, let why):
            """
            nobody can say that this node has all that was acknowledged in partition \(partition): \(why). A backup needs \
            a leader for each partition, and so a majority of its nodes: tandem partitions shows where one is missing
            """
        case .diskFull: "there is no room for it"
        case .unsound(let what): "the copy is not sound: \(what)"
        case .failed(let what): what
        }
    }
}

extension Node {
    private static let attemptsMax = 3
    /// Seconds until this node has what was acknowledged, at most: longer is a disk that does not keep up.
    private static let currentSecondsMax = 60.0

    private var backupFolder: String { configuration.directory + "/backups" }

    /// Copies the whole node into `backups/NAME` below its directory while it goes on working, and checks the copy.
    ///
    /// Waits, some seconds per GB: never on a loop. Everything that was acknowledged before it began is in the stores' copies,
    /// on whichever node, and nothing in them was not committed. It gets its name only when it is whole, checked and synced.
    package func backUp(named name: String) throws(BackupError) -> BackupManifest {
        guard Self.isName(name) else { throw .name(name) }
        guard isBackingUp.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        else { throw .underWay }
        defer { isBackingUp.store(false, ordering: .releasing) }
        let target = "\(backupFolder)/\(name)"
        guard !FileManager.default.fileExists(atPath: target) else { throw .exists(name) }
        let startedAt = clock.wall()
        let acknowledged = try gatherAcknowledged()
        // From here on the journal keeps what the stores' copies will need.
        guard state.holdCuts(true) else { throw .failed("a store is just being replaced; try again") }
        defer { _ = state.holdCuts(false) }
        let partial = target + ".partial"
        do {
            return try copy(named: name, at: startedAt, having: acknowledged, to: partial, then: target)
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            switch error {
            case let error as BackupError: throw error
            case JournalError.diskFull: throw .diskFull
            case let error as StoreError where error.isDiskFull: throw .diskFull
            case let error as SystemError where error.isDiskFull: throw .diskFull
            case let error as CocoaError where error.code == .fileWriteOutOfSpace: throw .diskFull
            default: throw .failed("\(error)")
            }
        }
    }

    /// The manifests of the backups that are whole, by name.
    package func backups() -> [BackupManifest] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: backupFolder)) ?? []
        return names.filter(Self.isName).sorted().compactMap { name in
            let path = "\(backupFolder)/\(name)/\(BackupManifest.file)"
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

    /// Returns when this node's stores have everything that was acknowledged, anywhere, before it was called: of each
    /// partition who leads it has said up to which entry that is.
    private func gatherAcknowledged() throws(BackupError) -> [UInt64] {
        let numbers = 0..<UInt16(partitionCount)
        let answers = BackupAnswers(waitsFor: numbers)
        for number in numbers {
            position(partition: number) { [state] position in
                guard let position else { return answers.take(number, .failure(StateError("nobody leads it"))) }
                state.query(number, upTo: position.entry) { _ in
                    position.entry
                } done: {
                    answers.take(number, $0)
                }
            }
        }
        return try answers.wait(until: Date(timeIntervalSinceNow: Self.currentSecondsMax))
    }

    private func copy(
        named name: String, at startedAt: Int64, having acknowledged: [UInt64], to partial: String, then target: String
    ) throws -> BackupManifest {
        let files = FileManager.default
        let private700: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try files.createDirectory(atPath: backupFolder, withIntermediateDirectories: true, attributes: private700)
        try? files.removeItem(atPath: partial)
        try files.createDirectory(atPath: partial, withIntermediateDirectories: false, attributes: private700)
        // The stores first: the journal, copied after them, has at least what they have.
        let marks = try (0..<UInt16(partitionCount)).map { number in
            let folder = StateThread.folder(number, in: partial)
            try files.createDirectory(atPath: folder, withIntermediateDirectories: false, attributes: private700)
            return try StoreBackup.make(
                of: StateThread.folder(number, in: configuration.directory), to: PartitionStore.path(in: folder))
        }
        let label = BackupManifest.label(name, startedAt: startedAt)
        let report = try copyJournal(to: partial + "/journal", label: label)
        let partitions = try check(report, marks, having: acknowledged)
        try? files.removeItem(atPath: partial + "/journal/journal.reserve")  // Taken again at the next start.
        let manifest = BackupManifest(
            format: BackupManifest.formatNow, name: name, node: configuration.node, incarnation: incarnation,
            startedAt: startedAt,
            finishedAt: clock.wall(), partitions: partitions, files: try describe(partial))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(manifest).write(to: URL(fileURLWithPath: "\(partial)/\(BackupManifest.file)"))
        try FileSystem.syncAll(below: partial)
        try files.moveItem(atPath: partial, toPath: target)
        try FileSystem.sync(path: backupFolder)
        return manifest
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

    /// Store and journal of each partition must meet: what the records lack is in the journal.
    private func check(
        _ report: JournalReport, _ marks: [StoreMark], having acknowledged: [UInt64]
    ) throws(BackupError) -> [BackupManifest.Partition] {
        guard report.isSound else {
            // Which of the two is damaged, the copy does not say: what is wrong in the journal itself is mended, or told.
            _ = try? verifyJournal()
            throw .unsound(report.trouble)
        }
        var partitions: [BackupManifest.Partition] = []
        for (mark, acknowledged) in zip(marks, acknowledged) {
            let log = report.partitions.first { $0.partition == mark.partition }
            let (first, last) = (log?.firstIndex ?? 1, log?.lastIndex ?? 0)
            guard mark.applied >= acknowledged, last >= mark.applied, first <= mark.recordsApplied + 1 else {
                throw .unsound(
                    "partition \(mark.partition) has records up to entry \(mark.recordsApplied), events up to "
                        + "\(mark.applied) of \(acknowledged) that were acknowledged, journal \(first) to \(last)")
            }
            partitions.append(
                BackupManifest.Partition(
                    partition: mark.partition, applied: mark.applied, recordsApplied: mark.recordsApplied,
                    journalFirst: first, journalLast: last))
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
}

extension JournalReport {
    /// What is wrong with it, the first things, for people.
    var trouble: String {
        (partitions.compactMap { $0.problem.map { "\($0)" } } + findings.map(\.description)).prefix(3)
            .joined(separator: "; ")
    }
}

/// What the partitions have answered so far, for a thread that waits for all of them.
// Safe: everything is under `condition`.
private final class BackupAnswers: @unchecked Sendable {
    private let condition = NSCondition()
    private var missing: Set<UInt16>
    private var entries: [UInt16: UInt64] = [:]
    private var failure: BackupError?

    init(waitsFor numbers: Range<UInt16>) { missing = Set(numbers) }

    func take(_ number: UInt16, _ answer: Result<UInt64, StateError>) {
        condition.withLock {
            missing.remove(number)
            switch answer {
            case .success(let entry): entries[number] = entry
            case .failure(let error): failure = failure ?? .notCurrent(partition: number, why: error.what)
            }
            condition.broadcast()
        }
    }

    /// By partition; throws as soon as one cannot say.
    func wait(until deadline: Date) throws(BackupError) -> [UInt64] {
        condition.lock()
        defer { condition.unlock() }
        while failure == nil, !missing.isEmpty {
            guard condition.wait(until: deadline) else {
                throw .notCurrent(
                    partition: missing.min() ?? 0, why: "its store has not written it in a minute")
            }
        }
        if let failure { throw failure }
        return entries.keys.sorted().compactMap { entries[$0] }
    }
}
