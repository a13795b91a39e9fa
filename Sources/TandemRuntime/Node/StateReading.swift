internal import Synchronization
package import TandemCore
package import TandemReadModel
internal import TandemTransport
package import TandemWire

// Looking: on the readers' threads, once what must be seen is written.
extension StateThread {
    /// Runs `body` on a reader's thread once the partition's entry `index` is in the read model.
    package func query<R: Sendable>(
        _ partition: UInt16, upTo index: UInt64, _ body: @escaping @Sendable (StoreReader) throws -> R,
        done: @escaping @Sendable (Result<R, StateError>) -> Void
    ) {
        whenApplied(partition, index) { [self] trouble in
            if let trouble { return done(.failure(trouble)) }
            let reader = readers[next.wrappingAdd(1, ordering: .relaxed).oldValue % readers.count]
            reader.loop.run {
                let look: @Sendable () -> Void = {
                    do {
                        done(.success(try body(try self.store(partition, of: reader))))
                    } catch {
                        done(.failure(StateError("\(error)")))
                    }
                }
                if reader.held[partition]?.append(look) == nil { look() }
            }
        }
    }

    package func load(
        _ actor: ActorID, of partition: UInt16, done: @escaping @Sendable (Result<Record?, StateError>) -> Void
    ) {
        query(partition, upTo: 0, { try $0.load(actor) }, done: done)
    }

    /// Through a connection of its own: the caller cannot wait for a reader's thread.
    package func stored(_ actor: ActorID, of partition: UInt16) throws(StateError) -> StoredRecord {
        guard !isExchanging(partition) else { throw StateError("the store is being replaced") }
        do throws(StoreError) {
            let reader = try StoreReader(directory: Self.folder(partition, in: directory))
            return try reader.snapshot {
                StoredRecord(record: try reader.load(actor), index: try reader.mark().recordsApplied)
            }
        } catch .missing {
            return StoredRecord(record: nil, index: 0)  // Nothing was ever written: the journal has it all.
        } catch {
            throw StateError("\(error)")
        }
    }

    private func store(_ partition: UInt16, of reader: Reader) throws -> StoreReader {
        if let store = reader.stores[partition] { return store }
        let store = try StoreReader(directory: Self.folder(partition, in: directory))
        reader.stores[partition] = store
        return store
    }

    private func whenApplied(
        _ partition: UInt16, _ index: UInt64, _ ready: @escaping @Sendable (StateError?) -> Void
    ) {
        let waits = shared.withLock { shared -> (Bool, StateError?) in
            if shared.applied[Int(partition)] >= index { return (false, nil) }
            if let trouble = shared.trouble[Int(partition)] { return (false, trouble) }
            shared.waiters[Int(partition)].append(Waiter(index: index, ready: ready))
            shared.hurried = true
            return (true, nil)
        }
        if waits.0 { writer.run { self.write() } } else { ready(waits.1) }
    }
}
