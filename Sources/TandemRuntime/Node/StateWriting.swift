internal import Synchronization
internal import TandemJournal
internal import TandemReadModel
internal import TandemTransport

// Writing: on the writer's thread, store by store; and what becomes of a store that fails.
extension StateThread {
    func put(_ work: Work, weighing weight: Int, of partition: UInt16) {
        let (now, later) = shared.withLock { shared in
            guard !shared.isAbandoned[Int(partition)] else { return (false, false) }
            shared.work[Int(partition)].append(work)
            shared.gathered += weight
            let urgent = shared.hurried || shared.gathered >= Self.gatheredMax
            if shared.scheduled && !urgent { return (false, false) }
            let first = !shared.scheduled
            shared.scheduled = true
            return (urgent, first && !urgent)
        }
        if now { writer.run { self.write() } }
        if later {
            writer.wake(at: EventLoop.monotonicNanoseconds() + Self.gatherTime) { self.write() }
        }
    }

    func write() {
        let now = EventLoop.monotonicNanoseconds()
        let work = shared.withLock { shared in
            var taken: [[Work]?] = []
            for partition in shared.work.indices {
                let rests =
                    shared.restsUntil[partition] > now || shared.isAbandoned[partition]
                    || shared.isExchanging[partition]
                taken.append(rests ? nil : shared.work[partition])
                if !rests { shared.work[partition] = [] }
            }
            shared.gathered = 0
            shared.scheduled = false
            shared.hurried = false
            return taken
        }
        for (partition, work) in work.enumerated() {
            if let work, !work.isEmpty || kept[partition].needsRestart { write(work, of: partition) }
        }
        takeReserve()
    }

    /// Takes the reserve again once there is room, and looks for it now and then.
    func takeReserve() {
        guard !reserve.isHeld else { return }
        let now = EventLoop.monotonicNanoseconds()
        guard now >= reserveWantedAt else { return }
        reserveWantedAt = now + Self.retryInterval
        reserve.take()
    }

    private func write(_ work: [Work], of partition: Int) {
        var left = work[...]
        do {
            if kept[partition].needsRestart { try restart(partition) }
            try ask(partition)
            while let first = left.first {
                switch first {
                case .entries:
                    var batches: [[CommittedEntry]] = []
                    while batches.count < left.count,
                        case .entries(let batch) = left[left.startIndex + batches.count]
                    { batches.append(batch) }
                    try kept[partition].store.append(batches)
                    left = left.dropFirst(batches.count)
                    count(-batches.reduce(0) { $0 + $1.count }, of: partition)
                    applied(kept[partition].store.mark.applied, of: partition)
                    try checkpointIfDue(partition)
                case .records(_, let index, let done) where index < kept[partition].tookOverAt:
                    // Of the state before: its partition has not heard yet that there is another.
                    left = left.dropFirst()
                    done(false)
                case .records(let records, let index, let done):
                    try kept[partition].store.flushRecords(upTo: index, changed: records, removed: [])
                    left = left.dropFirst()
                    done(true)
                    try checkpointIfDue(partition)
                }
            }
        } catch {
            failed(Array(left), of: partition, error)
        }
    }

    func applied(_ index: UInt64, of partition: Int) {
        let ready = shared.withLock { shared -> [Waiter] in
            shared.applied[partition] = index
            shared.trouble[partition] = nil
            let ready = shared.waiters[partition].filter { $0.index <= index }
            shared.waiters[partition].removeAll { $0.index <= index }
            return ready
        }
        for waiter in ready { waiter.ready(nil) }
    }

    func checkpointIfDue(_ partition: Int) throws {
        let now = EventLoop.monotonicNanoseconds()
        let unmoved = kept[partition].store.unmovedBytes
        guard
            unmoved >= checkpointBytes
                || unmoved > 0 && now - kept[partition].checkpointed >= Self.checkpointInterval
        else { return }
        kept[partition].checkpointed = now
        let index = try kept[partition].store.checkpoint()
        // A backup under way needs the journal from where the stores' copies stand.
        let hook = shared.withLock { $0.holdsCuts ? nil : $0.onCheckpoint }
        if index > 0 { hook?(UInt16(partition), index) }
    }

    // MARK: Failing

    /// A store opened anew that holds less than it did: what it lacks, its partition takes for written.
    private struct LostEntries: Error, CustomStringConvertible {
        let before: StoreMark
        let after: StoreMark
        var description: String { "the store was at entry \(before.applied) and is now at \(after.applied)" }
    }

    /// Nothing in this life of the node will cure it.
    func isFinal(_ error: any Error, of partition: Int) -> Bool {
        if case .abandoned = error as? StoreError { return true }
        return kept[partition].store.isAbandoned || error is LostEntries
    }

    /// What is left is kept in front until the store works again; who waits for it is told now.
    func failed(_ left: [Work], of partition: Int, _ error: any Error) {
        if reserve.isHeld, (error as? StoreError)?.isDiskFull == true {
            // Now is what it was kept for: to write what was acknowledged so far, and nothing that comes after.
            log.refuseUntilThereIsRoom()
            reserve.release()
            reserveWantedAt = EventLoop.monotonicNanoseconds() + Self.retryInterval
            return write(left, of: partition)
        }
        let trouble = StateError("\(error)")
        if isFinal(error, of: partition) { return abandon(left, of: partition, trouble) }
        var pause = Self.retryInterval
        if (error as? StoreError)?.isDiskFull != true {
            kept[partition].needsRestart = true
            let verdict = board.failed(Self.name(partition), reason: trouble.what)
            if verdict == .escalate { pause = Self.failedInterval }
        }
        let again = EventLoop.monotonicNanoseconds() + pause
        let told = shared.withLock { shared in
            shared.work[partition] = left + shared.work[partition]
            shared.trouble[partition] = trouble
            shared.restsUntil[partition] = again
            let told = shared.waiters[partition]
            shared.waiters[partition] = []
            return told
        }
        for waiter in told { waiter.ready(trouble) }
        writer.wake(at: again) { self.write() }
    }

    /// Opens the store anew: what failed in it, but for the file itself, is gone.
    private func restart(_ partition: Int) throws {
        let before = kept[partition].store.mark
        kept[partition].store.close()
        let store = try PartitionStore(
            directory: Self.folder(UInt16(partition), in: directory), partition: UInt16(partition))
        kept[partition].store = store
        guard store.mark.applied >= before.applied, store.mark.recordsApplied >= before.recordsApplied else {
            throw LostEntries(before: before, after: store.mark)
        }
        kept[partition].needsRestart = false
        board.started(Self.name(partition))
    }

    private func abandon(_ left: [Work], of partition: Int, _ trouble: StateError) {
        board.abandon(Self.name(partition), reason: trouble.what)
        let (told, dropped, hook) = shared.withLock { shared in
            shared.isAbandoned[partition] = true
            shared.trouble[partition] = trouble
            let dropped = left + shared.work[partition]
            shared.work[partition] = []
            let told = shared.waiters[partition]
            shared.waiters[partition] = []
            return (told, dropped, shared.onAbandon)
        }
        drop(dropped, of: partition)
        for waiter in told { waiter.ready(trouble) }
        hook?(UInt16(partition), trouble.what)
    }

    func drop(_ work: [Work], of partition: Int) {
        for work in work {
            switch work {
            case .entries(let entries): count(-entries.count, of: partition)
            case .records(_, _, let done): done(false)
            }
        }
    }

    /// Why a partition's store is not written just now; nil: all is well.
    package func trouble(of partition: UInt16) -> StateError? { shared.withLock { $0.trouble[Int(partition)] } }
}
