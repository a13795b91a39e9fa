/// How far a verification has come.
package struct VerificationProgress: Sendable, Equatable {
    package let segment: UInt32
    package let segmentsDone: Int
    package let segments: Int
    package let entries: Int
}

extension Journal {
    /// Reads every entry again, beside the running work, and tells each that is damaged or missing.
    ///
    /// `progress` is called after each segment. What is appended meanwhile is not waited for.
    package func verify(
        progress: (VerificationProgress) -> Void = { _ in }
    ) throws(JournalError) -> JournalReport {
        while true {
            let view = try catalog.withLock { catalog throws(JournalError) in
                if catalog.isClosed { throw .closed }
                return VerificationView(catalog)
            }
            let walk = try view.walk(progress)
            let (truncations, firsts) = catalog.withLock { catalog in
                (catalog.truncations, view.lasts.keys.map { ($0, catalog.firstIndex($0)) })
            }
            // Entries that were taken back meanwhile look like damage: look again.
            if truncations != view.truncations { continue }
            return report(view, walk, Dictionary(uniqueKeysWithValues: firsts))
        }
    }

    private func report(_ view: VerificationView, _ walk: JournalWalk, _ firsts: [UInt16: UInt64]) -> JournalReport {
        // What was cut meanwhile may have gone with its segment.
        let findings = walk.findings.filter { finding in
            guard let partition = finding.partition, let indexes = finding.indexes else { return true }
            return indexes.upperBound >= firsts[partition] ?? 1
        }
        let partitions = view.lasts.keys.sorted().map { partition in
            let finding = findings.first { $0.partition == partition || $0.partition == nil }
            return JournalReport.Partition(
                partition: partition, firstIndex: firsts[partition] ?? 1, lastIndex: view.lasts[partition] ?? 0,
                problem: view.problems[partition] ?? finding.map { .damaged($0) })
        }
        return JournalReport(
            partitions: partitions, findings: findings, hasMoreFindings: walk.hasMoreFindings, mark: report.mark,
            segments: view.members.count, entries: walk.entryCount)
    }
}

/// What a verification takes from the catalog when it begins; a copy of all of it would make the writer copy it too.
private struct VerificationView {
    struct Member {
        let segment: Segment
        let ends: [UInt16: UInt64]
    }

    let members: [Member]
    let cuts: [UInt16: LogPoint]
    let lasts: [UInt16: UInt64]
    let problems: [UInt16: JournalError]
    let truncations: Int

    init(_ catalog: Catalog) {
        members = catalog.members.enumerated().map { position, member in
            var ends: [UInt16: UInt64] = [:]
            for partition in member.origins.keys {
                ends[partition] = catalog.end(ofMember: position, partition: partition)
            }
            return Member(segment: member.segment, ends: ends)
        }
        cuts = catalog.partitions.mapValues(\.record.cut)
        lasts = catalog.partitions.mapValues(\.tail.index)
        problems = catalog.problems
        truncations = catalog.truncations
    }

    /// - Throws: `unreadable` where a file could not be read for the moment: that is no damage.
    func walk(_ progress: (VerificationProgress) -> Void) throws(JournalError) -> JournalWalk {
        var walk = JournalWalk(cuts: cuts, marks: [:])
        for (position, member) in members.enumerated() {
            let number = member.segment.number
            do throws(DatabaseError) {
                let database = try member.segment.openReader()
                defer { database.close() }
                // One moment of the file for all that is read of it.
                try database.execute("BEGIN")
                let records = try PartitionRecord.readAll(from: database)
                for (partition, record) in records.sorted(by: { $0.key < $1.key }) where record == nil {
                    walk.noteDamagedRecord(number, partition)
                }
                // Partitions that came after the view was taken are not in it.
                let known = records.compactMapValues { $0 }.filter { member.ends[$0.key] != nil }
                let isLast = position == members.count - 1
                _ = walk.visit(
                    number, database, records: known, ends: member.ends,
                    isFollowed: isLast || members[position + 1].segment.number == number + 1,
                    absence: JournalWalk.Absence(segment: number - 1, fault: .missing))
                if let interruption = walk.interruption { throw interruption }
            } catch {
                if error.isOfTheMoment { throw .unreadable(file: member.segment.path, cause: "\(error)") }
                for (partition, end) in member.ends.sorted(by: { $0.key < $1.key }) {
                    walk.skip(number, partition, to: end, .unreadable(error.message))
                }
            }
            progress(
                VerificationProgress(
                    segment: number, segmentsDone: position + 1, segments: members.count, entries: walk.entryCount))
        }
        return walk
    }
}
