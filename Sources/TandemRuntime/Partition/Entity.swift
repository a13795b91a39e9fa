package import TandemCore
internal import TandemWire

/// The actor around one machine: a tenant, queue, agent, customer, conversation, credential, quarantine or
/// delivery.
///
/// The compiler keeps others out; the executor it shares with its partition makes stepping it a plain call for the turn
/// driver. Entry points are synchronous: nothing is awaited between a decision and its events.
package actor Entity<M: Machine> {
    private nonisolated let executor: UnownedSerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor }

    private(set) var machine: M
    /// Armed for `machine.nextDeadline`, where there is one.
    var timer: TimerWheel.Handle = .none
    /// Where the record stands between the executor and `state.sqlite`.
    var stored: StoredState = .clean
    /// Its part in the sum of all records, and whether the record has changed since that was made; see `RecordHashes`.
    var hash = StateHash.zero
    var isUnhashed = false

    init(_ machine: M, on executor: UnownedSerialExecutor) {
        self.machine = machine
        self.executor = executor
    }

    /// Looks and returns; the machine is not changed.
    func decide(_ instruction: M.Instruction, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        try machine.decide(instruction, &turn)
    }

    func wake(_ turn: inout TurnContext) throws(DecideError) -> Decision { try machine.wake(&turn) }

    func apply(_ event: Event, at now: Timestamp) { machine.apply(event, at: now) }

    /// Puts a before-image back, or a record rebuilt from the journal.
    func restore(_ machine: M) { self.machine = machine }
}

/// Whether a record is as the store has it.
enum StoredState: UInt8, Sendable {
    case clean
    /// Changed since it was last handed to the store.
    case dirty
    /// Belongs to the flush under way and has not been encoded yet: it is, before it changes again.
    case due
}

// Steps from the partition's executor, where the turn driver always is: plain calls.
extension Entity {
    nonisolated func deciding(
        _ instruction: M.Instruction, _ turn: inout TurnContext
    ) throws(DecideError) -> Decision {
        try withUnsafeMutablePointer(to: &turn) { pointer in
            // Safe: the closure runs now, on this thread; nothing else reaches the turn meanwhile.
            nonisolated(unsafe) let pointer = pointer
            return assumeIsolated { entity in
                Result { () throws(DecideError) in try entity.decide(instruction, &pointer.pointee) }
            }
        }.get()
    }

    nonisolated func waking(_ turn: inout TurnContext) throws(DecideError) -> Decision {
        try withUnsafeMutablePointer(to: &turn) { pointer in
            // Safe: as above.
            nonisolated(unsafe) let pointer = pointer
            return assumeIsolated { entity in
                Result { () throws(DecideError) in try entity.wake(&pointer.pointee) }
            }
        }.get()
    }

    /// A copy of the record as it stands.
    @inline(__always)
    nonisolated var record: M { assumeIsolated { $0.machine } }
}
