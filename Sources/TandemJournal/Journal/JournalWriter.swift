/// The thread that makes everything durable: it takes all writes that wait, whoever submitted them, and puts them into
/// one transaction, which costs one wait for the disk.
///
/// A failed sync or any other I/O failure ends its writing for good: the pages count as clean afterwards, so a second
/// try would lie. A full disk does not: the transaction was undone, and is tried again when asked.
// Safe: everything but the inbox, the monitors and constants is touched only by the writer's thread, or before it starts and
// after it has ended.
final class JournalWriter: @unchecked Sendable {
    private typealias Waiting = JournalInbox.Waiting

    let inbox: JournalInbox
    private let catalog: Monitor<Catalog>
    private let limits: JournalLimits
    private let keeper: SegmentKeeper
    private let board: HealthBoard
    private let mark: MarkFile
    private let hasher = EntryHasher()

    private(set) var segment: SegmentWriter?
    private var base: CommitPlan.Base
    private var meta: [String: String]
    private var reserve: DiskReserve
    private var heldPlaces: [UInt16: MarkFile.Place]
    private var failure: JournalError?
    private var isFull: Bool
    private var entriesSinceMark = 0
    private var markedAt = 0

    /// Writes that wait for a segment of their own, in order, and since when, microseconds.
    private var heldBack: [Waiting] = []
    private var heldSince = 0

    init(
        _ outcome: JournalOpening.Outcome, catalog: Monitor<Catalog>, keeper: SegmentKeeper, board: HealthBoard,
        limits: JournalLimits
    ) {
        self.catalog = catalog
        self.keeper = keeper
        self.board = board
        self.limits = limits
        inbox = JournalInbox(limits)
        segment = outcome.writer
        mark = outcome.mark
        reserve = outcome.reserve
        heldPlaces = outcome.heldPlaces
        base = CommitPlan.Base(
            partitions: outcome.catalog.partitions, problems: outcome.catalog.problems,
            repairs: outcome.catalog.repairs)
        meta = outcome.catalog.meta
        failure = outcome.catalog.refusal
        isFull = !outcome.reserve.isHeld
        if segment?.isStarted == false { beginOrigins() }
    }

    // MARK: The thread

    func run() {
        while let batch = inbox.take(within: pause) {
            if batch.isToldFull && failure == nil { becomeFull() }
            if !batch.writes.isEmpty || !heldBack.isEmpty {
                process(batch.writes)
                inbox.noteAnswered()
            }
            if isFull && failure == nil { lookForRoom() }
            if entriesSinceMark > 0 { writeMarkIfDue() }
        }
        for waiting in heldBack { waiting.completion(.failure(.closed)) }
        finishMark()
    }

    /// How long to sleep at most, milliseconds.
    private var pause: Int? {
        if !heldBack.isEmpty { return Self.spareMilliseconds }
        if entriesSinceMark > 0 { return limits.markMilliseconds }
        return isFull && failure == nil ? limits.roomCheckMilliseconds : nil
    }

    private func process(_ new: [Waiting]) {
        let batch = heldBack + new
        heldBack = []
        let answers = answers(to: batch)
        if !answers.contains(where: { $0 == nil }) { heldSince = 0 }
        let bytes = zip(batch, answers).reduce(0) { $0 + ($1.1 == nil ? 0 : $1.0.byteCount) }
        inbox.release(bytes)
        for (waiting, answer) in zip(batch, answers) {
            if let answer { waiting.completion(answer) } else { heldBack.append(waiting) }
        }
    }

    /// Commits what can be committed of a batch, and says for each write how it went; nil: it waits.
    private func answers(to batch: [Waiting]) -> [Result<Void, JournalError>?] {
        // The keeper's files are others, but its disk is the same.
        if case .failed(let cause) = board.health, failure == nil { failure = .failed(cause: cause) }
        if let failure { return batch.map { _ in .failure(failure) } }
        if isFull { lookForRoom() }
        // Before planning: the plan builds on where the segment begins.
        goOnInNextSegment()
        // On a full disk a new segment would have no room even for votes; the present one has.
        guard batch.contains(where: \.write.forgets), isFull || !goOnInFreshSegment() else { return written(batch) }
        // Without that nothing is forgotten; everybody else goes on.
        let refusal = refusalOfForgetting
        var concerned: Set<UInt16> = []
        let isHeld = batch.map { waiting in
            if case .forget(let partition, _) = waiting.write { concerned.insert(partition) }
            return waiting.write.concerns(concerned)
        }
        var others = written(zip(batch, isHeld).filter { !$1 }.map(\.0)).makeIterator()
        return isHeld.map { isHeld in isHeld ? refusal.map { .failure($0) } : others.next() }
    }

    private func written(_ batch: [Waiting]) -> [Result<Void, JournalError>] {
        var isSecondTry = false
        while true {
            let (plan, answers) = plan(batch)
            if plan.isEmpty { return answers }
            do {
                try commit(plan, writes: batch.count)
                return answers
            } catch {
                catalog.withLock { $0.statistics.failedTransactions += 1 }
                let reason = classify(error)
                // With the reserve given up, the bookkeeping of the batch gets a second chance without the entries.
                guard reason == .diskFull, !isSecondTry else {
                    return answers.map { answer in answer.flatMap { .failure(reason) } }
                }
                isSecondTry = true
            }
        }
    }

    private func plan(_ batch: [Waiting]) -> (CommitPlan, [Result<Void, JournalError>]) {
        let catalog = catalog
        var plan = CommitPlan(base: base, hasher: hasher) { partition, index throws(JournalError) in
            try JournalReader(catalog: catalog).point(partition, index)
        }
        let answers = batch.map { waiting -> Result<Void, JournalError> in
            if isFull && !waiting.write.isBookkeeping { return .failure(.diskFull) }
            do throws(JournalError) {
                try plan.add(waiting.write, checksums: waiting.checksums)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        return (plan, answers)
    }

    private func commit(_ plan: CommitPlan, writes: Int) throws {
        guard let segment else { return }
        let deletions = catalog.withLock { catalog in
            segment.isStarted
                ? plan.truncations.flatMap { catalog.members.last?.runs.rows(partition: $0, from: $1) ?? [] } : []
        }
        if !plan.truncations.isEmpty { try lowerMark(plan) }
        let isStart = !segment.isStarted
        let opening = SegmentOpening(records: base.partitions.mapValues(\.record), meta: meta)
        var commitBegan = 0
        let firstRow = try segment.commit(plan, deletions: deletions, opening: opening) {
            commitBegan = FileSystem.monotonicMicroseconds()
        }
        let duration = FileSystem.monotonicMicroseconds() - commitBegan
        for (partition, state) in plan.touched {
            base.partitions[partition] = state
            base.partitions[partition]?.hasNewRecord = false
        }
        for (key, value) in plan.meta { meta[key] = value }
        for partition in plan.forgotten.keys {
            base.problems[partition] = nil
            base.repairs[partition] = nil
            heldPlaces[partition] = nil
        }
        let hasCut = catalog.withLock { catalog in
            if isStart {
                catalog.members.append(
                    Catalog.Member(
                        segment: segment.segment, origins: opening.records.mapValues(\.origin.index), runs: RunIndex()))
                catalog.statistics.segments = catalog.members.count
            }
            catalog.apply(plan, firstRow: firstRow)
            catalog.statistics.writes += UInt64(writes)
            catalog.statistics.commitMicroseconds.record(UInt64(max(duration, 0)))
            return catalog.members.count > 1
        }
        if hasCut { keeper.sweep() }
        // A new last entry without a row is one as well.
        entriesSinceMark += max(plan.rows.count, plan.truncations.isEmpty && plan.restarts.isEmpty ? 0 : 1)
        writeMarkIfDue()
    }

    // MARK: Segments

    /// Changes to the next segment when this one is full and the next is ready; until it is, this one grows on. One whose
    /// log is not filled is left as soon as it is worth it and there is one that is.
    private func goOnInNextSegment() {
        guard let current = segment, current.isStarted else { return }
        let next: SegmentWriter?
        if (try? current.isFull(limits)) == true {
            next = keeper.takeSpare()
        } else if !current.isLogFilled, current.logBytes >= limits.fillFrom {
            next = keeper.takeFilledSpare()
        } else {
            next = nil
        }
        guard let next else { return }
        goOn(in: next, from: current)
    }

    private func goOn(in next: SegmentWriter, from current: SegmentWriter) {
        segment = next
        keeper.seal(current)
        beginOrigins()
    }

    /// What is damaged is never written again: what is forgotten is forgotten by a segment that says so at its beginning.
    ///
    /// - Returns: whether there is one; it is made meanwhile.
    private func goOnInFreshSegment() -> Bool {
        guard let current = segment, current.isStarted else { return true }
        guard let next = keeper.takeSpare() else { return false }
        goOn(in: next, from: current)
        return true
    }

    /// Why what is damaged cannot be forgotten now; nil: it waits for the segment that is being made.
    private var refusalOfForgetting: JournalError? {
        if isFull { return .diskFull }
        let now = FileSystem.monotonicMicroseconds()
        if heldSince == 0 { heldSince = now }
        guard now - heldSince >= limits.spareMilliseconds * 1_000 else { return nil }
        heldSince = 0
        return .busy(pendingBytes: inbox.waitingBytes, limit: limits.pendingBytes)
    }

    /// Between two looks for the segment.
    private static let spareMilliseconds = 1

    /// A new segment's records say that it begins where the one before it ends.
    private func beginOrigins() {
        for partition in base.partitions.keys {
            let tail = base.partitions[partition]?.tail ?? .beginning
            base.partitions[partition]?.record.origin = tail
        }
    }

    // MARK: Trouble

    /// What an error of a commit means, and the change of health that comes with it.
    private func classify(_ error: any Error) -> JournalError {
        let isDiskFull =
            switch error {
            case let error as DatabaseError: error.isDiskFull
            case let error as SystemError: error.isDiskFull
            default: false
            }
        if isDiskFull {
            becomeFull()
            return .diskFull
        }
        let reason = JournalError.failed(cause: "\(error)")
        failure = reason
        board.tell(.failed(cause: "\(error)"))
        return reason
    }

    private func becomeFull() {
        reserve.release()
        isFull = true
        board.tell(.diskFull)
    }

    /// Ends the fullness when there is room for the reserve and more.
    private func lookForRoom() {
        guard reserve.take() else { return }
        isFull = false
        board.tell(.ok)
    }

    // MARK: The mark

    private var places: [UInt16: MarkFile.Place] {
        var places = base.partitions.mapValues { MarkFile.Place(index: $0.tail.index, chain: $0.tail.chain) }
        places.merge(heldPlaces) { $1 }
        return places
    }

    private func writeMarkIfDue() {
        let now = FileSystem.monotonicMicroseconds()
        guard entriesSinceMark >= limits.markEntries || now - markedAt >= limits.markMilliseconds * 1_000 else {
            return
        }
        do {
            try mark.write(places)
            entriesSinceMark = 0
            markedAt = now
        } catch {
            _ = classify(error)
        }
    }

    /// Before entries are taken back the mark must not remember them, or the next opening would miss them.
    private func lowerMark(_ plan: CommitPlan) throws {
        var lowered = places
        for (partition, from) in plan.truncations {
            let end =
                if let end = plan.forgotten[partition] {
                    end
                } else {
                    try JournalReader(catalog: catalog).end(partition, below: from)
                }
            lowered[partition] = MarkFile.Place(index: end.index, chain: end.chain)
        }
        try mark.writeDurably(lowered)
    }

    private func finishMark() {
        guard failure == nil else { return }
        try? mark.writeDurably(places)
    }
}
