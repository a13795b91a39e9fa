internal import TandemCore
internal import TandemReadModel
internal import TandemWire

// Another node's state takes the place of this one's: what is in memory goes, what the new store holds comes, a little at
// a time, because other partitions live on the same executor.

extension Partition {
    private static let putAtOnce = 1_024

    package nonisolated func install(_ image: StateImage, done: @escaping @Sendable () -> Void) {
        run { $0.begin(image, done) }
    }

    private func begin(_ image: StateImage, _ done: @escaping @Sendable () -> Void) {
        // Who leads installs nothing: its replica has deposed it before. Who has given up or stops leaves it to the next
        // start, which finds the store.
        guard phase == .following, services.givenUp == nil else { return }
        precondition(inflight.isEmpty && outbox.isEmpty, "who follows has nothing in flight")
        precondition(image.meta.applied > committed, "a snapshot is ahead of what was committed here")
        phase = .made
        installs += 1
        turnAwayParked()
        let (steps, before) = (following.steps, committed)
        let reads = following.reads
        following = Following()
        following.reads = reads
        roster = Roster(partition: number, executor: executor.asUnownedSerialExecutor())
        table = CommandTable(factor: time.factor)
        flush = Flush()
        wheel = TimerWheel(now: image.meta.time)
        wakeAt = .max
        stilled = []
        minter = IDMinter(partition: number, last: image.meta.minted)
        timeLast = image.meta.time
        term = image.meta.appliedTerm
        format = image.meta.format
        committed = image.meta.applied
        proposed = committed
        steps.forEach { if case .done(let done) = $0 { done(before) } }
        // Now, so that who comes while the records are put is told this position and no other.
        subscriptions.begin(at: position)
        put(image, from: 0, done)
    }

    private func put(_ image: StateImage, from start: Int, _ done: @escaping @Sendable () -> Void) {
        // It may have been stopped meanwhile.
        guard phase == .made else { return }
        let end = min(start + Self.putAtOnce, image.records.count)
        for record in image.records[start..<end] { roster.put(record) }
        guard end == image.records.count else { return run { $0.put(image, from: end, done) } }
        for command in image.commands {
            table.remember(command.key, answer: command.answer, at: command.time, index: command.index)
        }
        readQuarantine()
        services.routingIsDerived = true
        phase = .following
        releaseReads()
        done()
    }
}
