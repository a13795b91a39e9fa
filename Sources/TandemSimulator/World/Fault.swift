/// Something that goes wrong; most are repaired after a while.
enum Fault: Hashable {
    case crash(machine: Int)
    case pause(machine: Int)
    case cut(from: Int, to: Int)
    case slowLink(from: Int, to: Int)
    case badNetwork
    case slowDisk(machine: Int)
    case hungDisk(machine: Int)
    case fullDisk(machine: Int)
    case failingDisk(machine: Int)
    /// The machine is stopped and its disk wiped; it comes back as another identity.
    case wipe(machine: Int)
    /// The last transactions are lost though they were acknowledged; the mark beside the journal tells.
    case lostTail(machine: Int)
    /// An entry that was acknowledged has changed on the disk; its checksum tells.
    case rot(machine: Int)

    enum Kind: Int, CaseIterable {
        case crash, pause, isolate, split, oneWay, partial, slowLink, badNetwork
        case slowDisk, hungDisk, fullDisk, failingDisk, wipe, lostTail, membership, transfer, rot
    }
}
