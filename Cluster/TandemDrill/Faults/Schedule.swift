internal import TestChance

/// The faults of a run, one after the other, from its seed: the same seed, the same faults, of the same nodes as far as
/// those lead what they led.
struct Schedule {
    private let drill: Drill
    private let nodes: Int
    private let partitions: Int
    private let canFillDisks: Bool
    private var chance: SeededGenerator
    private var turn = 0

    init(_ drill: Drill, seed: UInt64, nodes: Int, partitions: Int, canFillDisks: Bool) {
        self.drill = drill
        self.nodes = nodes
        self.partitions = partitions
        self.canFillDisks = canFillDisks
        chance = SeededGenerator(seed: seed)
    }

    mutating func next() -> Fault {
        let kind = kind()
        var aims = aims(kind)
        turn += 1
        // Five nodes may lose two at once.
        if nodes >= 5, kind != .transfer, kind != .restart, aims.count == 1, chance.chance(of: 40) {
            aims.append(.node(chance.below(nodes) + 1))
        }
        var fault = Fault(
            kind: kind, aims: aims, milliseconds: milliseconds(kind), restMilliseconds: restMilliseconds(kind))
        if kind == .slow {
            fault.delayMilliseconds = within(5, 200)
            fault.bytesPerSecond = within(64, 1_024) * 1_024
        }
        if kind == .stepClock {
            fault.stepMilliseconds = step()
            fault.isRestarted = chance.chance(of: 25)
        }
        if kind == .transfer {
            fault.offset = within(1, max(1, nodes - 1))
            fault.isWhole = chance.chance(of: 25)
        }
        return fault
    }

    private mutating func kind() -> Fault.Kind {
        let kinds = drill.kinds.filter { $0.kind != .fillDisk || canFillDisks }
        var place = chance.below(kinds.reduce(0) { $0 + $1.weight })
        for (kind, weight) in kinds {
            if place < weight { return kind }
            place -= weight
        }
        return kinds[0].kind
    }

    private mutating func aims(_ kind: Fault.Kind) -> [Fault.Aim] {
        switch drill {
        case .killLeader, .pauseLeader, .cutLeader, .leaderTransfer:
            return [.leader(of: chance.below(partitions))]
        case .rollingRestart, .rollingUpgrade, .replaceNode: return [.node(turn % nodes + 1)]
        case .cutOneWay, .slowLink, .fullDisk, .clockStep: return [anybody()]
        case .killAny: return several()
        case .everything:
            switch kind {
            case .restart, .replace: return [.node(chance.below(nodes) + 1)]
            case .transfer: return [.leader(of: chance.below(partitions))]
            case .kill: return chance.chance(of: 50) ? several() : [anybody()]
            case .pause, .cut, .reset, .mute, .deafen, .slow, .fillDisk, .stepClock: return [anybody()]
            }
        }
    }

    /// More often than not somebody who leads.
    private mutating func anybody() -> Fault.Aim {
        chance.chance(of: 60) ? .leader(of: chance.below(partitions)) : .node(chance.below(nodes) + 1)
    }

    /// As many as may be down at once, or fewer; where there is one node, that one.
    private mutating func several() -> [Fault.Aim] {
        let count = 1 + chance.below(max(1, (nodes - 1) / 2))
        let first = chance.below(nodes)
        return (0..<count).map { .node((first + $0) % nodes + 1) }
    }

    private mutating func milliseconds(_ kind: Fault.Kind) -> Int {
        switch kind {
        case .kill: chance.chance(of: 25) ? within(0, 200) : within(800, 4_000)
        // Shorter and longer than it takes the others to notice.
        case .pause: within(100, 6_000)
        case .cut, .reset, .mute, .deafen: within(300, 6_000)
        case .slow: within(2_000, 6_000)
        case .fillDisk: within(1_000, 5_000)
        case .replace: within(0, 2_000)
        // A node that starts needs some of it.
        case .stepClock: within(4_000, 7_000)
        case .restart, .transfer: 0
        }
    }

    /// From what nobody need notice to a day, forward or back.
    private mutating func step() -> Int {
        let size =
            switch chance.below(4) {
            case 0: within(100, 380)
            case 1: within(1_000, 10_000)
            case 2: within(60_000, 3_600_000)
            default: within(3_600_000, 86_400_000)
            }
        return chance.chance(of: 50) ? size : -size
    }

    /// Leaders are moved about faster than they go back by themselves.
    private mutating func restMilliseconds(_ kind: Fault.Kind) -> Int {
        kind == .transfer ? within(0, 700) : within(500, 2_500)
    }

    private mutating func within(_ least: Int, _ most: Int) -> Int { least + chance.below(most - least + 1) }
}
