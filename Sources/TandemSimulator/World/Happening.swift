internal import TandemConsensus

/// Something that will happen at its time. What belongs to a process dies with it: `life` tells which one was meant.
enum Happening {
    case tick(machine: Int, life: Int)
    case arrival(RaftMessage)
    case connection(machine: Int, peer: NodeID, isUp: Bool)
    /// The disk has finished its transaction.
    case committed(machine: Int, life: Int)
    case applied(machine: Int, life: Int)
    case checkpoint(machine: Int, life: Int)
    case fetched(machine: Int, life: Int, LogFetch)
    case snapshotDone(machine: Int, life: Int, SnapshotTask)
    /// What was gathered is worked off.
    case pump(machine: Int, life: Int)
    case start(machine: Int)
    case strike(machine: Int, life: Int)
    case client(Int)
    case clientGivesUp(Int, operation: UInt64)
    case fault
    case repair(Fault)
    case operate
}
