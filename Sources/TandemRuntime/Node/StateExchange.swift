internal import Synchronization
internal import TandemReadModel
internal import TandemTransport

// A store is replaced by another node's copy: readers let go of it first, then the writer; while it is gone queries wait.
extension StateThread: StoreOwner {
    package func folder(of partition: UInt16) -> String { Self.folder(partition, in: directory) }

    func isExchanging(_ partition: UInt16) -> Bool { shared.withLock { $0.isExchanging[Int(partition)] } }

    package func exchange(
        _ partition: UInt16, _ replace: @escaping @Sendable () throws -> Void,
        trouble: @escaping @Sendable (any Error) -> Void, done: @escaping @Sendable () -> Void
    ) {
        let (begins, isAbandoned) = shared.withLock { shared in
            // A backup reads all stores, and wants them to be of one time.
            guard !shared.holdsCuts, !shared.isAbandoned[Int(partition)] else {
                return (false, shared.isAbandoned[Int(partition)])
            }
            shared.isExchanging[Int(partition)] = true
            return (true, false)
        }
        guard begins else {
            // Its partition has given up: the next start does what is left to do.
            if isAbandoned { return }
            return writer.wake(at: EventLoop.monotonicNanoseconds() + Self.retryInterval) {
                self.exchange(partition, replace, trouble: trouble, done: done)
            }
        }
        let left = Left(readers.count)
        for reader in readers {
            reader.loop.run { [self] in
                reader.held[partition] = []
                reader.stores.removeValue(forKey: partition)?.close()
                guard left.count.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
                writer.run { self.exchangeNow(partition, replace, trouble: trouble, done: done) }
            }
        }
    }

    /// Readers that have not let go yet.
    private final class Left: Sendable {
        let count: Atomic<Int>
        init(_ count: Int) { self.count = Atomic(count) }
    }

    /// On the writer's thread.
    private func exchangeNow(
        _ partition: UInt16, _ replace: @escaping @Sendable () throws -> Void,
        trouble: @escaping @Sendable (any Error) -> Void, done: @escaping @Sendable () -> Void
    ) {
        let place = Int(partition)
        do {
            kept[place].store.close()
            try replace()
            let store = try PartitionStore(directory: folder(of: partition), partition: partition)
            kept[place] = Kept(
                store: store, checkpointed: EventLoop.monotonicNanoseconds(), tookOverAt: store.mark.applied)
        } catch {
            trouble(error)
            return writer.wake(at: EventLoop.monotonicNanoseconds() + Self.retryInterval) {
                self.exchangeNow(partition, replace, trouble: trouble, done: done)
            }
        }
        let superseded = shared.withLock { shared in
            defer { shared.work[place] = [] }
            shared.isExchanging[place] = false
            shared.restsUntil[place] = 0
            return shared.work[place]
        }
        drop(superseded, of: place)
        board.started(Self.name(place))
        // Also when it is beyond what they wait for.
        applied(kept[place].store.mark.applied, of: place)
        for reader in readers {
            reader.loop.run {
                for look in reader.held.removeValue(forKey: partition) ?? [] { look() }
            }
        }
        done()
    }
}
