package import TandemCore
package import TandemReadModel
internal import TandemTransport
package import TandemWire

// Looking at a partition: what it has in memory, what is in its store. Everything that was committed when it was asked is
// seen, whoever leads; while nobody does, it is asked again.
extension Node {
    /// Reads that wait until somebody leads their partition.
    package var readsWaiting: Int { patience.count }

    /// Looks at what a partition has in memory; `body` may be called more than once.
    ///
    /// - Parameter release: called once; with nil when nobody led for `patienceNanoseconds`, or the node is going.
    package func read<R: Sendable>(
        partition number: UInt16, _ body: @escaping @Sendable (PartitionView) -> R,
        release: @escaping @Sendable (R?) -> Void
    ) {
        ask(number, { $0.read(body, release: $1) }, release: release)
    }

    /// As above, but what is seen may be so many nanoseconds old: nothing that was acknowledged before that is missing.
    package func read<R: Sendable>(
        partition number: UInt16, notOlderThan age: UInt64, _ body: @escaping @Sendable (PartitionView) -> R,
        release: @escaping @Sendable (R?) -> Void
    ) {
        guard hasPartition(number) else { return release(nil) }
        guard currency.mark(number, within: age, at: EventLoop.monotonicNanoseconds()) != nil else {
            return whenCurrent(number) { [self] index in
                if index == nil { release(nil) } else { partitions[Int(number)].readHere(body, release: release) }
            }
        }
        partitions[Int(number)].readHere(body, release: release)
    }

    /// Reads the store of a partition on a reader's thread.
    ///
    /// - Parameters:
    ///   - position: what the read must see; nil: everything committed when it was asked.
    ///   - age: what it sees may be so many nanoseconds old, of a node that shares its journal with others.
    package func query<R: Sendable>(
        partition number: UInt16, upTo position: EventPosition? = nil, notOlderThan age: UInt64? = nil,
        _ body: @escaping @Sendable (StoreReader) throws -> R, done: @escaping @Sendable (Result<R, StateError>) -> Void
    ) {
        guard hasPartition(number) else { return done(.failure(StateError("there is no partition \(number)"))) }
        if let position { return state.query(number, upTo: position.entry, body, done: done) }
        if let age, let index = currency.mark(number, within: age, at: EventLoop.monotonicNanoseconds()) {
            return state.query(number, upTo: index, body, done: done)
        }
        whenCurrent(number) { [state] index in
            guard let index else { return done(.failure(Self.nobodyLeads(number))) }
            state.query(number, upTo: index, body, done: done)
        }
    }

    /// The last position committed anywhere when this was called, which this node has by then; nil when nobody led for too
    /// long.
    package func position(partition number: UInt16, done: @escaping @Sendable (EventPosition?) -> Void) {
        whenCurrent(number) { index in
            done(index.map { EventPosition(entry: $0, sequence: EventPosition.eventsMax - 1) })
        }
    }

    /// An actor's record as committed, from memory or from the store; nil when there is none.
    package func record(_ actor: ActorID, done: @escaping @Sendable (Result<Record?, StateError>) -> Void) {
        guard hasPartition(actor.partition) else { return done(.success(nil)) }
        read(partition: actor.partition) {
            $0.record(actor)
        } release: { [state] found in
            switch found {
            case nil: done(.failure(Self.nobodyLeads(actor.partition)))
            case .some(.some(let record)): done(.success(record))
            case .some(.none): state.load(actor, of: actor.partition, done: done)
            }
        }
    }

    /// Whether this node has had everything that was committed so many nanoseconds ago. Alone it always has.
    package func isFresh(_ number: UInt16, within age: UInt64) -> Bool {
        !isClustered || currency.mark(number, within: age, at: EventLoop.monotonicNanoseconds()) != nil
    }

    /// Somebody is known to lead a partition.
    package func knowsLeader(of number: UInt16) -> Bool { hasPartition(number) && leads(number) != nil }

    /// An actor's record and the partition's time as this node has them, which may be long past.
    package func recordHere(
        _ actor: ActorID, done: @escaping @Sendable (Result<(record: Record?, time: Timestamp), StateError>) -> Void
    ) {
        guard hasPartition(actor.partition) else { return done(.failure(Self.nobodyLeads(actor.partition))) }
        partitions[Int(actor.partition)].readHere {
            (record: $0.record(actor), time: $0.now)
        } release: { [state] found in
            guard let found else { return done(.failure(Self.nobodyLeads(actor.partition))) }
            if found.record != nil { return done(.success(found)) }
            state.load(actor, of: actor.partition) { stored in
                done(stored.map { (record: $0, time: found.time) })
            }
        }
    }

    private func whenCurrent(_ number: UInt16, release: @escaping @Sendable (UInt64?) -> Void) {
        ask(
            number,
            { [currency] partition, answer in
                let asked = EventLoop.monotonicNanoseconds()
                partition.whenCurrent { index in
                    if let index { currency.had(number, upTo: index, asked: asked) }
                    answer(index)
                }
            }, release: release)
    }

    private static func nobodyLeads(_ number: UInt16) -> StateError { StateError("nobody leads partition \(number)") }

    /// Asks a partition until it answers, nobody has led for too long, or the node goes.
    private func ask<R: Sendable>(
        _ number: UInt16, _ question: @escaping @Sendable (Partition, @escaping @Sendable (R?) -> Void) -> Void,
        until deadline: UInt64? = nil, release: @escaping @Sendable (R?) -> Void
    ) {
        guard hasPartition(number) else { return release(nil) }
        question(partitions[Int(number)]) { [self] answer in
            if let answer { return release(answer) }
            let deadline = deadline ?? EventLoop.monotonicNanoseconds() + configuration.patienceNanoseconds
            partitions[Int(number)].run { [self] partition in
                guard partition.mayAnswerSoon else { return release(nil) }
                patience.wait(for: number, until: deadline) { [self] isWorthAsking in
                    guard isWorthAsking else { return release(nil) }
                    ask(number, question, until: deadline, release: release)
                }
            }
        }
    }
}
