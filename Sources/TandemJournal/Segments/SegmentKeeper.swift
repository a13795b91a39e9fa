/// The thread that does what must not hold up a commit: it has the next segment ready, moves a full one's log into
/// its file, and removes those of which everything was cut.
// Safe: everything but the monitors and constants is touched only by the keeper's thread, or after it has ended.
final class SegmentKeeper: @unchecked Sendable {
    private struct Desk {
        /// Full segments, the oldest first, whose logs are not in their files yet.
        var sealing: [Sealing] = []
        var spare: SegmentWriter?
        var isSpareWanted = false
        /// Spares are to have filled logs.
        var isFillWanted = false
        var isSweepDue = false
        var isStopping = false
    }

    private struct Sealing {
        let writer: SegmentWriter
        /// Milliseconds of the monotonic clock.
        let due: Int
    }

    private let directory: String
    private let catalog: Monitor<Catalog>
    private let desk = Monitor(Desk())
    /// What to do again after a pause: a reader was in the way, the disk was full, or no file could be opened.
    private let retryMilliseconds: Int
    private let filledLogBytes: Int
    private let restMilliseconds: Int
    private let restingMax: Int
    /// Spares that were not filled, for want of room: not tried again and again.
    private var isFillingGivenUp = false
    private var nextNumber: UInt32
    private var isWaiting = false
    private let board: HealthBoard

    init(
        directory: String, catalog: Monitor<Catalog>, nextNumber: UInt32, board: HealthBoard, limits: JournalLimits
    ) {
        self.directory = directory
        self.catalog = catalog
        self.nextNumber = nextNumber
        retryMilliseconds = limits.roomCheckMilliseconds
        filledLogBytes = min(limits.filledLogBytes, limits.logBytes)
        restMilliseconds = limits.restMilliseconds
        restingMax = limits.restingMax
        self.board = board
    }

    // MARK: From the writer's thread

    /// The next segment, if it is ready; another one is then made. If it is not, it is asked for.
    func takeSpare() -> SegmentWriter? {
        let spare = desk.withLock { desk in
            desk.isSpareWanted = true
            defer { desk.spare = nil }
            return desk.spare
        }
        desk.wake()
        return spare
    }

    /// The next segment if its log is filled; if it is not, that is seen to.
    func takeFilledSpare() -> SegmentWriter? {
        guard filledLogBytes > 0 else { return nil }
        let (spare, isNews) = desk.withLock { desk -> (SegmentWriter?, Bool) in
            let isNews = !desk.isFillWanted
            desk.isFillWanted = true
            guard let spare = desk.spare, spare.isLogFilled else { return (nil, isNews) }
            desk.isSpareWanted = true
            desk.spare = nil
            return (spare, true)
        }
        if isNews { desk.wake() }
        return spare
    }

    /// Takes over a segment that is full, with the one connection that may checkpoint it. That rests for a while: under load
    /// most are cut before they are worth the writing.
    func seal(_ segment: SegmentWriter) {
        segment.rest()
        let due = FileSystem.monotonicMilliseconds() + restMilliseconds
        desk.withLock { $0.sealing.append(Sealing(writer: segment, due: due)) }
        desk.wake()
    }

    /// Looks for segments that can go.
    func sweep() {
        desk.withLock { $0.isSweepDue = true }
        desk.wake()
    }

    func prepareSpare() {
        desk.withLock { $0.isSpareWanted = true }
        desk.wake()
    }

    func stop() {
        desk.withLock { $0.isStopping = true }
        desk.wake()
    }

    // MARK: The thread

    private enum Job {
        case sweep, prepareSpare, rest, stop
        case seal(Sealing)
        case fill(SegmentWriter)
    }

    func run() {
        while true {
            let hasFailed = board.hasFailed
            let isPausing = isWaiting && !hasFailed
            let now = FileSystem.monotonicMilliseconds()
            let rest = desk.withLock { $0.sealing.first }.map { max($0.due - now, 1) }
            // A journal that has failed waits for nothing but its end.
            let pause = hasFailed ? nil : isPausing ? retryMilliseconds : rest
            let job = desk.wait(milliseconds: pause) { desk, isOver -> Job? in
                if hasFailed { return desk.isStopping ? .stop : nil }
                if desk.isSweepDue {
                    desk.isSweepDue = false
                    return .sweep
                }
                if desk.isStopping { return .stop }
                if isPausing && !isOver { return nil }
                if desk.isSpareWanted && desk.spare == nil { return .prepareSpare }
                if desk.isFillWanted, !isFillingGivenUp, let spare = desk.spare, !spare.isLogFilled {
                    desk.spare = nil
                    return .fill(spare)
                }
                if let first = desk.sealing.first {
                    if first.due <= now || desk.sealing.count > restingMax { return .seal(desk.sealing.removeFirst()) }
                    if rest == nil { return .rest }
                }
                return isOver ? .rest : nil
            }
            isWaiting = false
            switch job {
            case .stop: return
            case .rest: continue
            case .sweep: removeCutSegments()
            case .prepareSpare: makeSpare()
            case .seal(let sealing): checkpoint(sealing)
            case .fill(let spare): fill(spare)
            }
        }
    }

    /// After the thread has ended: gives back what was not finished. Logs that rest are moved now, as the next opening would
    /// have to read them to the end before it moved them.
    func close() {
        let (sealing, spare) = desk.withLock { desk in
            defer {
                desk.sealing = []
                desk.spare = nil
            }
            return (desk.sealing, desk.spare)
        }
        if board.hasFailed {
            for one in sealing { one.writer.abandon() }
            spare?.abandon()
            return
        }
        for one in sealing { one.writer.close() }
        guard let spare else { return }
        spare.close()
        // A spare that stays is removed by the next opening: it holds nothing.
        try? spare.segment.remove()
    }

    private func makeSpare() {
        let segment = Segment(number: nextNumber, directory: directory)
        do {
            let spare = try SegmentWriter.create(segment)
            nextNumber += 1
            isFillingGivenUp = false  // One try per spare.
            desk.withLock { desk in
                desk.spare = spare
                desk.isSpareWanted = false
            }
        } catch {
            try? segment.remove()
            pauseOrFail(error)
        }
    }

    private func fill(_ spare: SegmentWriter) {
        do throws(SystemError) {
            let free = try FileSystem.freeBytes(at: directory)
            if free >= filledLogBytes * JournalLimits.fillRoomFactor {
                try spare.fillLog(filledLogBytes) { !self.desk.withLock { $0.isStopping } && !self.board.hasFailed }
            }
            isFillingGivenUp = !spare.isLogFilled
        } catch {
            isFillingGivenUp = true
            pauseOrFail(error)
        }
        desk.withLock { desk in
            desk.spare = spare
            desk.isSpareWanted = false
        }
    }

    private func checkpoint(_ sealing: Sealing) {
        let segment = sealing.writer
        do throws(DatabaseError) {
            if try segment.checkpoint() {
                segment.segment.settle()
                return segment.close()
            }
            isWaiting = true
        } catch {
            guard pauseOrFail(error) else { return segment.abandon() }
        }
        desk.withLock { $0.sealing.insert(sealing, at: 0) }
    }

    private func removeCutSegments() {
        while let segment = catalog.withLock({ $0.takeRemovable() }) {
            let sealing = desk.withLock { desk -> Sealing? in
                desk.sealing.firstIndex { $0.writer.segment === segment }.map { desk.sealing.remove(at: $0) }
            }
            sealing?.writer.discard()
            do throws(SystemError) {
                try segment.remove()
            } catch {
                pauseOrFail(error)
                return
            }
        }
        catalog.withLock { $0.statistics.segments = $0.members.count }
    }

    /// True if it makes sense to try again after a pause; else the journal has failed.
    @discardableResult
    private func pauseOrFail(_ error: any Error) -> Bool {
        isWaiting = true
        let isPassing =
            switch error {
            case let error as DatabaseError:
                error.isDiskFull || error.code.primary == .busy || error.isOutOfDescriptors
            case let error as SystemError: error.isDiskFull || error.isOutOfDescriptors
            default: false
            }
        if !isPassing { board.tell(.failed(cause: "\(error)")) }
        return isPassing
    }
}
