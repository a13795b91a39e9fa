internal import Foundation
internal import TandemAPI
internal import TandemCore
internal import TandemRuntime

// Copies of the whole node, for its administrators.
extension Routes {
    static let backups = [
        Route(
            .post, "/v1/admin/backups/{name}", .backUpNode,
            "Copy the whole node into `backups/NAME` below its directory while it works, and check the copy; it may take "
                + "a while.", ids: [nil], status: 201, reply: .json(API.Backup.self)
        ) { call throws(Problem) in
            let name = call.text()
            Thread.detachNewThread {
                let node = call.gateway.node
                let result = Result { () throws(BackupError) in try node.backUp(named: name) }
                switch result {
                case .success(let manifest):
                    call.answer(API.Backup(manifest, in: node.configuration.directory))
                case .failure(let error): call.refuse(error.problem)
                }
            }
        },
        Route(
            .get, "/v1/admin/backups", .backUpNode, "The backups that are whole, by name.",
            reply: .page(API.Backup.self)
        ) { call throws(Problem) in
            // Off the loop: it reads the disk.
            Thread.detachNewThread {
                let node = call.gateway.node
                call.answer(
                    page: node.backups().map { API.Backup($0, in: node.configuration.directory) }, next: nil)
            }
        },
    ]
}

extension BackupError {
    fileprivate var problem: Problem {
        switch self {
        case .name: Problem(.invalid, field: "name", detail: "Letters, digits, dots, dashes, underlines; at most 64.")
        case .exists: Problem(.alreadyExists, field: "name", detail: description)
        case .underWay: Problem(.busy, detail: description)
        case .diskFull: Problem(.diskFull)
        case .notCurrent, .unsound, .failed: Problem(.unavailable, detail: description)
        }
    }
}

extension API.Backup {
    fileprivate init(_ manifest: BackupManifest, in directory: String) {
        self.init(
            name: manifest.name, path: "\(directory)/backups/\(manifest.name)",
            startedAt: Timestamp(milliseconds: manifest.startedAt),
            finishedAt: Timestamp(milliseconds: manifest.finishedAt), files: manifest.files.count,
            bytes: manifest.files.reduce(0) { $0 + $1.bytes },
            partitions: manifest.partitions.map {
                Partition(
                    partition: $0.partition, applied: $0.applied, recordsApplied: $0.recordsApplied,
                    journalFirst: $0.journalFirst, journalLast: $0.journalLast)
            })
    }
}
