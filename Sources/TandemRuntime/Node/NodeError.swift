package import TandemCore
internal import TandemWire

/// What keeps a node from starting or going on; each says what happened, why, and what to do.
package enum NodeError: Error, CustomStringConvertible, Sendable {
    case trapFile(path: String, systemError: Int32)
    case damagedEntry(partition: UInt16, index: UInt64, what: String)
    case damagedRecord(ActorID, what: String)
    case testClockMismatch(journal: Int64?, asked: Int64?)
    case partitionCount(journal: Int, asked: Int)
    case founding(journal: String, asked: String)
    case notAMember(UInt32)
    case clusterState
    case newerFormat(UInt8)
    case newerEntry(UInt64, of: UInt16, format: UInt8)
    case notReachable
    case store(partition: UInt16, what: String)
    case storeAhead(partition: UInt16, store: UInt64, journal: UInt64)
    case damagedAlone(String)
    case brokenPromises(String)
    case backup(String)
    case unfinishedRestore(String)

    package var description: String {
        switch self {
        case .trapFile(let path, let systemError):
            "cannot map the trap file \(path) (system error \(systemError)); check the directory's rights and space"
        case .damagedEntry(let partition, let index, let what):
            "entry \(index) of partition \(partition) is damaged: \(what); restore the directory from a backup"
        case .damagedRecord(let actor, let what):
            "the stored record of \(actor.kind) \(actor.raw) is damaged: \(what); restore from a backup"
        case .testClockMismatch(let journal, let asked):
            """
            this directory's clock runs \(journal.map { "\($0) times as fast (--test-clock \($0))" } ?? "as it should"), \
            not \(asked.map { "\($0) times as fast" } ?? "as it should"); start with the flag it was made with, \
            or use another directory
            """
        case .partitionCount(let journal, let asked):
            "this directory was made with \(journal) partitions, not \(asked); a cluster keeps its number for good"
        case .founding(let journal, let asked):
            """
            this directory was made for \(journal), not for \(asked); start with the --node, --cluster and --members it \
            was made with, or use another directory
            """
        case .notAMember(let node):
            "node \(node), which this is, does not belong to the cluster: --members does not name it, or it was another --node"
        case .clusterState: "what this directory remembers of its cluster cannot be read; restore it from a backup"
        case .newerFormat(let format):
            """
            the cluster of this directory writes format \(format), and this build reads \(WireVersion.read.lowerBound) to \
            \(WireVersion.read.upperBound): start it with the build it ran with, or a newer one; there is no way back behind a \
            format that was agreed on, but a backup from before
            """
        case .newerEntry(let index, let partition, let format):
            """
            entry \(index) of partition \(partition) is written in format \(format), and this build reads \
            \(WireVersion.read.lowerBound) to \(WireVersion.read.upperBound): start the node with a newer build
            """
        case .notReachable: "this node has joined a cluster: start it with --peer-listen, where the others reach it"
        case .storeAhead(let partition, let store, let journal):
            """
            state.sqlite of partition \(partition) stands at entry \(store), its journal ends at \(journal): the two \
            are not of one backup; restore both together
            """
        case .damagedAlone(let what):
            """
            \(what); no other node has what is lost: restore the directory from a backup. What was \
            acknowledged after the backup is lost with it
            """
        case .brokenPromises(let what):
            """
            \(what); with that, votes may be forgotten, so this node cannot come back as who it was: let another node \
            replace it (tandem node replace NODE), empty its directory and start it with --join
            """
        case .backup(let name):
            """
            this is a backup (\(name)), and it knows its old cluster: it is not started but restored, into a directory of its \
            own: tandem restore BACKUP --directory DIR
            """
        case .unfinishedRestore(let directory):
            """
            a restore into \(directory) was not finished: run it again, it begins anew (tandem restore BACKUP --directory \
            \(directory))
            """
        case .store(let partition, let what): "state.sqlite of partition \(partition): \(what)"
        }
    }
}
