/// What can be drilled, by name.
enum Drill: String, CaseIterable, Sendable {
    case killLeader = "kill-leader"
    case killAny = "kill-any"
    case pauseLeader = "pause-leader"
    case cutLeader = "cut-leader"
    case cutOneWay = "cut-one-way"
    case slowLink = "slow-link"
    case fullDisk = "full-disk"
    case rollingRestart = "rolling-restart"
    case clockStep = "clock-step"
    case leaderTransfer = "leader-transfer"
    case replaceNode = "replace-node"
    case rollingUpgrade = "rolling-upgrade"
    case everything

    var about: String {
        switch self {
        case .killLeader: "kill -9 of the node that leads a partition, and its start some time later"
        case .killAny: "kill -9 of any nodes, up to a minority at once"
        case .pauseLeader: "SIGSTOP of a leader, and SIGCONT when others have taken over, or before"
        case .cutLeader: "a leader that reaches nobody, its connections silent or reset"
        case .cutOneWay: "a node that is heard and does not hear, or hears and is not heard"
        case .slowLink: "wires with a delay of up to 200 ms and as little as 64 KiB a second"
        case .fullDisk: "a node whose disk is full, and has room again (needs root, for a small file system)"
        case .rollingRestart: "one node after the other drained and started again"
        case .clockStep: "the wall clock of a node, most often a leader, set forward or back by up to a day"
        case .leaderTransfer: "an operator hands leaders from node to node"
        case .replaceNode: "one node after the other killed, its disk wiped, replaced by a new one that joins"
        case .rollingUpgrade: "one node after the other replaced by a build of the next format, and one back (--next)"
        case .everything: "all of these but the upgrade in turn, by chance"
        }
    }

    /// What it may do, with how often in how many.
    var kinds: [(kind: Fault.Kind, weight: Int)] {
        switch self {
        case .killLeader, .killAny: [(.kill, 1)]
        case .pauseLeader: [(.pause, 1)]
        case .cutLeader: [(.cut, 2), (.reset, 1)]
        case .cutOneWay: [(.mute, 1), (.deafen, 1)]
        case .slowLink: [(.slow, 1)]
        case .fullDisk: [(.fillDisk, 1)]
        case .clockStep: [(.stepClock, 1)]
        case .leaderTransfer: [(.transfer, 1)]
        case .replaceNode: [(.replace, 1)]
        case .rollingRestart, .rollingUpgrade: [(.restart, 1)]
        case .everything: Fault.Kind.allCases.map { ($0, $0 == .kill ? 3 : 1) }
        }
    }

    /// Nodes on small file systems of their own.
    var needsSmallDisks: Bool { self == .fullDisk }

    /// Nodes whose wall clocks can be set.
    var needsOwnClocks: Bool { kinds.contains { $0.kind == .stepClock } }

    /// How long the partitions that a victim led may be silent at most, in milliseconds, where the drill has a goal for it.
    /// It is told whether that is met, and no rule: how fast a machine is, is not what a drill judges.
    var gapGoalMilliseconds: Int? {
        switch self {
        case .pauseLeader, .cutLeader: 1_500
        case .killLeader, .killAny, .cutOneWay, .slowLink, .fullDisk, .rollingRestart, .clockStep, .leaderTransfer,
            .replaceNode, .rollingUpgrade, .everything:
            nil
        }
    }

    /// With one node there are no wires to cut, and nobody to take over.
    var nodesMin: Int {
        switch self {
        case .killLeader, .killAny, .rollingRestart, .fullDisk: 1
        case .pauseLeader, .cutLeader, .clockStep, .cutOneWay, .slowLink, .leaderTransfer, .replaceNode,
            .rollingUpgrade, .everything:
            3
        }
    }
}
