package import TandemCore
package import TandemWire

/// Where a partition stands, for those who compare it with others and with what was committed. A look at it changes
/// nothing, not even its clock.
package struct PartitionStanding: Sendable {
    package let phase: Partition.Phase
    /// Of the present leadership, or of the last entry.
    package let term: UInt64
    package let committed: UInt64
    package let inFlight: Int
    /// `IDMinter.last`, and the time of the last entry proposed.
    package let minted: UInt64
    package let timeLast: Timestamp
    /// Nothing that was handed over waits to be applied.
    package let isCaughtUp: Bool
    /// Why it cannot go on; nil: it can.
    package let trouble: String?
    package let counters: Counters
}

extension Partition {
    package var standing: PartitionStanding {
        let trouble = services.givenUp ?? following.broken.map { "\($0)" }
        return PartitionStanding(
            phase: phase, term: term, committed: committed, inFlight: inflight.count, minted: minter.last,
            timeLast: timeLast, isCaughtUp: following.steps.first == nil, trouble: trouble, counters: counters)
    }

    /// Contacts that wait in a queue, as the routing indexes have them.
    package func waiting(in queue: QueueID) -> Int { roster.standing(of: nil, in: queue).waiting }

    /// An actor's record as it stands; nil when it is not in memory.
    package func record(_ actor: ActorID) -> Record? { roster.record(actor) }

    /// Every actor's record in memory, in the order of their identifiers.
    package func forEachRecord(_ body: (Record) -> Void) {
        for actor in roster.all {
            if let record = roster.record(actor) { body(record) }
        }
    }
}

/// For those who break a partition and look whether that is found.
extension Partition {
    /// Puts another record in an actor's place, as a mistake in code or memory would.
    package func replace(_ record: Record) { roster.put(record) }
}
