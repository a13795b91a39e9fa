/// Brings a directory from whatever state the last process or power cut left it in to a journal that can go on.
///
/// It changes nothing before it knows that every file is one it understands, and repairs nothing silently: what was
/// acknowledged and is gone or damaged is in the report, and its partition takes no more entries.
struct JournalOpening {
    /// What opening leads to.
    struct Outcome {
        var catalog: Catalog
        var report: JournalReport
        /// Nil when nothing may be written: even closing a connection that can write would change the damaged log.
        var writer: SegmentWriter?
        var mark: MarkFile
        var reserve: DiskReserve
        /// What the mark goes on to say of partitions that are not what it remembers.
        var heldPlaces: [UInt16: MarkFile.Place]
    }

    /// One file and what it says of itself.
    private struct Found {
        let segment: Segment
        let database: Database
        let records: [UInt16: PartitionRecord?]

        var soundRecords: [UInt16: PartitionRecord] { records.compactMapValues { $0 } }
    }

    private let directory: String
    private var reserve: DiskReserve
    private let mark: MarkFile
    private let marked: MarkFile.Content
    /// Set when the newest segment's log is damaged in front of acknowledged transactions.
    private var refusal: JournalError?
    private var lastNumber: UInt32 = 0

    static func open(directory: String, limits: JournalLimits) throws(JournalError) -> Outcome {
        do {
            var opening = try JournalOpening(directory: directory, limits: limits)
            return try opening.run()
        } catch let error as JournalError {
            throw error
        } catch let error as DatabaseError where error.isDiskFull {
            throw .diskFull
        } catch let error as SystemError where error.isDiskFull {
            throw .diskFull
        } catch {
            throw .unreadable(file: directory, cause: "\(error)")
        }
    }

    private init(directory: String, limits: JournalLimits) throws {
        self.directory = directory
        reserve = DiskReserve(path: "\(directory)/journal.reserve", byteCount: limits.reserveBytes)
        mark = try MarkFile(path: "\(directory)/journal.mark")
        marked = try mark.read()
    }

    private mutating func run() throws -> Outcome {
        var segments = try segments()
        var newest: Found?
        // A crash at a segment change leaves two that never began: the one about to, and the next spare.
        while newest == nil, let last = segments.popLast() { newest = try look(at: last, isNewest: true) }
        var found: [Found] = []
        var unreadable: [UInt32: String] = [:]
        for segment in segments {
            do {
                if let one = try look(at: segment, isNewest: false) { found.append(one) }
            } catch let error as DatabaseError where !error.isOfTheMoment {
                // The files around it know what it should hold; that is then reported missing.
                unreadable[segment.number] = error.message
            }
        }
        guard let newest else { return try startAnew(unreadable) }
        found.append(newest)
        if let refusal, lostBehind(newest, refusal) { self.refusal = refusal } else { refusal = nil }
        return try resume(found, newest, unreadable)
    }

    /// All segment files, by number, each of a format that is known.
    private mutating func segments() throws -> [Segment] {
        let numbers = try FileSystem.names(in: directory).compactMap(Segment.number(ofFile:)).sorted()
        let segments = numbers.map { Segment(number: $0, directory: directory) }
        lastNumber = numbers.last ?? 0
        for segment in segments {
            switch try segment.header() {
            case .format(let version) where version > Segment.formatVersion:
                throw JournalError.newerFormat(file: segment.path, found: version, known: Segment.formatVersion)
            case .foreign where segment === segments.last: throw JournalError.notAJournal(file: segment.path)
            case .format, .foreign, .blank: continue
            }
        }
        return segments
    }

    /// Opens one segment, its log moved into the file; nil for one that was never started, which is then gone.
    private mutating func look(at segment: Segment, isNewest: Bool) throws -> Found? {
        if isNewest, try segment.header() == .blank {
            try segment.remove()
            return nil
        }
        let log = try WriteAheadLog.inspect(segment.logPath)
        if log.lostTransactions > 0 {
            // The newest is looked at first, and what it lost counts.
            refusal = refusal ?? .tailLost(segment: segment.number, transactions: log.lostTransactions)
        } else if FileSystem.size(of: segment.logPath) ?? 0 > 0 {
            try settle(segment)
        }
        if !isNewest && FileSystem.size(of: segment.logPath) ?? 0 == 0 {
            try segment.removeEmptyLog()
            segment.settle()
        }
        let database = try segment.openReader()
        let isSegment = try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'segment'") == 1
        let number = isSegment ? try database.integer("SELECT number FROM segment") : nil
        guard let number else {
            // A log that lost something may have lost the start: then it is no spare, but damaged.
            guard isNewest, log.lostTransactions == 0 else {
                if let refusal, isNewest { throw refusal }
                throw DatabaseError(code: .corrupt, message: "the segment never began", sql: nil)
            }
            database.close()
            try segment.remove()
            return nil
        }
        guard number == Int64(segment.number) else {
            throw DatabaseError(code: .corrupt, message: "it is segment \(number) under another name", sql: nil)
        }
        return Found(
            segment: segment, database: database, records: try PartitionRecord.readAll(from: database))
    }

    /// Moves a log that a crash left behind into its file, synced: what it holds may never have been. It also leaves
    /// nothing of a torn tail for the next crash to be confused with. When the disk is too full for that even without
    /// the reserve, the log stays as it is, only synced.
    ///
    /// Where there is plainly no room it is not tried: half a move takes what the start itself still needs.
    private mutating func settle(_ segment: Segment) throws {
        if hasRoom(toSettle: segment) {
            do {
                do throws(DatabaseError) {
                    return try checkpoint(segment)
                } catch {
                    guard error.isDiskFull else { throw error }
                    reserve.release()
                    return try checkpoint(segment)
                }
            } catch let error as DatabaseError where error.isDiskFull {}  // Nothing is lost: the log has it.
        }
        try FileSystem.sync(path: segment.logPath)
        try FileSystem.sync(path: segment.path)
    }

    /// A log needs at most its own size in its file; the reserve counts as room.
    private func hasRoom(toSettle segment: Segment) -> Bool {
        guard let free = try? FileSystem.freeBytes(at: directory) else { return true }
        let given = FileSystem.size(of: "\(directory)/journal.reserve") ?? 0
        return free + given >= FileSystem.size(of: segment.logPath) ?? 0
    }

    private func checkpoint(_ segment: Segment) throws(DatabaseError) {
        let database = try Database(path: segment.path, access: .readWrite)
        defer { database.close() }
        try database.useWriteAheadLog()
        guard try database.checkpoint(.truncate).isComplete else {
            throw DatabaseError(code: .busy, message: "another program is reading \(segment.path)")
        }
    }

    /// Whether the damage to a log is in the newest segment: that of an older one shows as missing entries.
    private func lostBehind(_ newest: Found, _ refusal: JournalError) -> Bool {
        if case .tailLost(let segment, _) = refusal { return segment >= newest.segment.number }
        return true
    }

    // MARK: A journal that is there

    private mutating func resume(_ found: [Found], _ newest: Found, _ unreadable: [UInt32: String]) throws -> Outcome {
        let records = newest.soundRecords
        guard let meta = try SegmentMeta.readAll(from: newest.database) else {
            throw JournalError.unreadable(file: newest.segment.path, cause: "the node's own facts fail their checksum")
        }
        var walk = JournalWalk(cuts: records.mapValues(\.cut), marks: places)
        var members: [Catalog.Member] = []
        var lastRow: Int64 = 0
        for one in found {
            for (partition, record) in one.records.sorted(by: { $0.key < $1.key }) where record == nil {
                walk.noteDamagedRecord(one.segment.number, partition)
            }
        }
        for (position, one) in found.enumerated() {
            let number = one.segment.number
            let later = found[(position + 1)...]
            let visit = walk.visit(
                number, one.database, records: one.soundRecords,
                ends: Self.ends(of: one.soundRecords, before: later.map(\.soundRecords)),
                isFollowed: later.first?.segment.number == number + 1,
                absence: JournalWalk.Absence(
                    segment: number - 1, fault: unreadable[number - 1].map { .unreadable($0) } ?? .missing))
            if let interruption = walk.interruption { throw interruption }
            lastRow = visit.highestRow
            one.database.close()
            members.append(
                Catalog.Member(
                    segment: one.segment, origins: one.soundRecords.mapValues(\.origin.index), runs: visit.runs))
        }
        var catalog = Catalog()
        catalog.members = members
        catalog.meta = meta
        catalog.refusal = refusal
        for (partition, record) in records {
            catalog.partitions[partition] = CommitPlan.PartitionState(
                record: record, tail: walk.tail(partition),
                owed: meta[OwedStretch.key(partition)].flatMap { OwedStretch(text: $0) })
        }
        findProblems(in: &catalog, walk)
        let writer = refusal == nil ? try SegmentWriter.resume(newest.segment, lastRow: lastRow) : nil
        return outcome(catalog, walk, writer)
    }

    /// Per partition of `records` the last index that counts: later segments may have gone back.
    static func ends(
        of records: [UInt16: PartitionRecord], before later: [[UInt16: PartitionRecord]]
    ) -> [UInt16: UInt64] {
        var ends: [UInt16: UInt64] = [:]
        for partition in records.keys {
            ends[partition] = later.compactMap { $0[partition]?.origin.index }.min()
        }
        return ends
    }

    private var places: [UInt16: MarkFile.Place] {
        switch marked {
        case .missing, .damaged: [:]
        case .places(let places): places
        }
    }

    private func findProblems(in catalog: inout Catalog, _ walk: JournalWalk) {
        for (partition, place) in places {
            let last = catalog.lastIndex(partition)
            if last < place.index {
                catalog.problems[partition] = .shorterThanMark(partition: partition, mark: place.index, last: last)
            }
        }
        for partition in Set(catalog.partitions.keys).union(walk.problems.keys) {
            if let finding = walk.problems[partition] ?? walk.strayDamage {
                catalog.problems[partition] = .damaged(finding)
            } else if let refusal {
                catalog.problems[partition] = refusal
            }
        }
        findRepairs(in: &catalog, walk)
    }

    /// Whose damage is of entries alone: what it promised besides is sound, and how far it had come is certain. Anything
    /// else may have taken a vote with it.
    private func findRepairs(in catalog: inout Catalog, _ walk: JournalWalk) {
        guard refusal == nil, walk.strayDamage == nil else { return }
        for (partition, problem) in catalog.problems {
            guard case .damaged = problem, let state = catalog.partitions[partition], state.tail.index > 0 else {
                continue
            }
            let findings = walk.findings.filter { $0.partition == partition }
            // Findings come in the order of the files; where there are too many, all of the log is in doubt.
            let isListed = !walk.hasMoreFindings && findings.allSatisfy { $0.indexes != nil }
            // Where two entries do not follow one another either may be the wrong one.
            let first = findings.map { finding in
                (finding.indexes?.lowerBound ?? 1) - (finding.doubtsTheOneBefore ? 1 : 0)
            }.min()
            let lowest = state.record.cut.index + 1
            catalog.repairs[partition] = isListed ? max(first ?? lowest, lowest) : lowest
            if findings.contains(where: { $0.indexes?.contains(state.tail.index) == true }) {
                // Of what is damaged the term is not known; it was none that came later.
                catalog.partitions[partition]?.tail.term = max(state.tail.term, state.record.hardState.term)
            }
        }
    }

    // MARK: A journal that is new, or of which nothing is left

    private mutating func startAnew(_ unreadable: [UInt32: String]) throws -> Outcome {
        if let refusal { throw refusal }
        if let (number, cause) = unreadable.first {
            throw JournalError.unreadable(
                file: Segment(number: number, directory: directory).path, cause: cause)
        }
        let walk = JournalWalk(cuts: [:], marks: [:])
        var catalog = Catalog()
        findProblems(in: &catalog, walk)
        let segment = Segment(number: lastNumber + 1, directory: directory)
        return outcome(catalog, walk, try SegmentWriter.create(segment))
    }

    private mutating func outcome(_ catalog: Catalog, _ walk: JournalWalk, _ writer: SegmentWriter?) -> Outcome {
        var catalog = catalog
        reserve.take()
        catalog.statistics.segments = catalog.members.count
        let mark: JournalReport.Mark =
            switch marked {
            case .places: .read
            case .missing where catalog.members.isEmpty: .new
            case .missing, .damaged: .unreadable
            }
        return Outcome(
            catalog: catalog, report: JournalReport(catalog, walk, mark: mark), writer: writer, mark: self.mark,
            reserve: reserve, heldPlaces: places.filter { catalog.problems[$0.key] != nil })
    }
}

extension JournalReport {
    init(_ catalog: Catalog, _ walk: JournalWalk, mark: Mark) {
        let numbers = Set(catalog.partitions.keys).union(catalog.problems.keys).sorted()
        self.init(
            partitions: numbers.map { partition in
                Partition(
                    partition: partition, firstIndex: catalog.firstIndex(partition),
                    lastIndex: catalog.lastIndex(partition), problem: catalog.problems[partition],
                    repairableFrom: catalog.repairs[partition])
            },
            findings: walk.findings, hasMoreFindings: walk.hasMoreFindings, mark: mark,
            segments: catalog.members.count, entries: walk.entryCount)
    }
}
