internal import Foundation
internal import Synchronization
internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime

/// The last events of the partitions, without anything people said.
struct JournalTail: Sendable {
    private let call: Call
    private let last: UInt16
    private let limit: Int

    static func begin(_ call: Call) throws(Problem) {
        let partitions = try call.partitions
        JournalTail(call: call, last: partitions.upperBound, limit: call.limit).go(on: partitions.lowerBound, with: [])
    }

    private func go(on partition: UInt16, with found: [API.JournalLine]) {
        let limit = limit
        call.query(partition) {
            try Self.tail(of: $0, limit: limit)
        } then: { events in
            let lines = found + events.map { Self.line($0, in: partition) }
            guard partition == last else { return go(on: partition + 1, with: lines) }
            let newest = lines.sorted { ($0.time, $0.partition, $0.position) < ($1.time, $1.partition, $1.position) }
            call.answer(page: Array(newest.suffix(limit)), next: nil)
        }
    }

    /// The last `limit` events: from as many entries before the end, each of which has at least one.
    private static func tail(of store: StoreReader, limit: Int) throws -> [StoredEvent] {
        let end = try store.end().entry
        var position = EventPosition(entry: end > UInt64(limit) ? end - UInt64(limit) : 0, sequence: 0)
        var tail: [StoredEvent] = []
        while true {
            let scan = try store.events(of: nil, after: position, limit: StoreLimits.pageMax)
            tail = (tail + scan.items).suffix(limit)
            if scan.isComplete { return tail }
            position = scan.reached
        }
    }

    static func line(_ stored: StoredEvent, in partition: UInt16) -> API.JournalLine {
        var actor: ActorID?
        stored.event.forEachConcerned { actor = actor ?? $0 }
        return API.JournalLine(
            partition: partition, position: UInt64(clamping: stored.position.rawValue), time: stored.time,
            type: stored.event.typeName.description, actor: actor?.text ?? "", tenant: stored.event.tenant,
            contact: stored.event.leg?.contact)
    }
}

/// Reads the whole journal again on a thread of its own, one reading at a time.
final class JournalCheck: Sendable {
    private let isRunning = Atomic<Bool>(false)

    func begin(_ call: Call) {
        let (isFirst, _) = isRunning.compareExchange(
            expected: false, desired: true, ordering: .acquiringAndReleasing)
        guard isFirst else { return call.refuse(Problem(.busy, detail: "The journal is being verified already.")) }
        Thread.detachNewThread { [self] in
            let result = Result { () throws(StateError) in try call.gateway.node.verifyJournal() }
            isRunning.store(false, ordering: .releasing)
            switch result {
            case .success(let report): call.answer(API.JournalVerification(report))
            case .failure: call.refuse(Problem(.unavailable))
            }
        }
    }
}

extension API.JournalVerification {
    init(_ report: JournalCheckup) {
        self.init(
            isSound: report.isSound,
            partitions: report.partitions.map { partition in
                Partition(
                    partition: partition.number, first: partition.first, last: partition.last,
                    entries: partition.last >= partition.first ? partition.last - partition.first + 1 : 0,
                    problem: partition.problem)
            }, findings: Array(report.findings.prefix(1_000)))
    }
}

/// Quarantined inputs, partition by partition.
struct QuarantineList: Sendable {
    private let call: Call
    private let last: UInt16
    private let onlyOpen: Bool
    private let limit: Int

    static func begin(_ call: Call) throws(Problem) {
        let partitions = try call.partitions
        let list = QuarantineList(
            call: call, last: partitions.upperBound, onlyOpen: call.query["all"] != "true", limit: call.limit)
        let after = try call.cursor(as: QuarantineID.self)
        let first = after.map { min(max($0.partition, partitions.lowerBound), partitions.upperBound) }
        list.go(on: first ?? partitions.lowerBound, after: after, with: [])
    }

    private func go(on partition: UInt16, after: QuarantineID?, with found: [API.QuarantineLine]) {
        let (onlyOpen, room) = (onlyOpen, limit - found.count)
        call.query(partition) {
            try $0.quarantined(onlyOpen: onlyOpen, after: after, limit: room)
        } then: { page in
            let lines =
                found
                + page.items.map {
                    API.QuarantineLine(
                        id: $0.id, since: $0.since, $0.input, resolvedAt: $0.resolvedAt, resolvedBy: $0.resolvedBy)
                }
            if let next = page.next { return call.answer(page: lines, next: Cursor.text(next.description)) }
            guard partition < last else { return call.answer(page: lines, next: nil) }
            if lines.count >= limit, let line = lines.last {
                return call.answer(page: lines, next: Cursor.text(line.id.description))
            }
            go(on: partition + 1, after: nil, with: lines)
        }
    }
}
