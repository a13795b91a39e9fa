internal import TandemConsensus

/// The shape of a run, drawn from its seed before anything else: how many machines, how bad a world.
///
/// Most faults are switched off in most runs, so that those that are on meet each other in many combinations.
struct RunOptions {
    var founders: Int
    /// Founders and spares.
    var machines: Int
    let clients: Int
    /// How long faults go on, virtual microseconds.
    var duration: Moment
    let tick: Int
    let isOrdered: Bool
    var delay: ClosedRange<Int>
    let lossPermille: Int
    let duplicatePermille: Int
    let stragglerPermille: Int
    /// Mean time between faults, microseconds.
    var faultPause: Int
    var faults: [Fault.Kind]
    /// Of a thousand messages of a kind, after how many their sender crashes.
    var voteCrashPermille: Int
    var appendCrashPermille: Int
    var otherCrashPermille: Int
    /// How long links are cut at most, and now and then.
    var cutMilliseconds = 700
    var longCutMilliseconds: Int { 4 * cutMilliseconds }
    /// Whether broken connections are noticed.
    let noticesConnections: Bool
    /// Delay before gathered work is done; nil to work at once.
    var pumpDelay: Int?
    /// Microseconds a transaction takes.
    var diskTime: ClosedRange<Int>
    let checkpointPause: Int
    /// Entries left in the journal behind a checkpoint.
    let retention: UInt64
    let valueBytes: Int
    var limits: RaftLimits

    init(dice: inout Dice) {
        founders = [1, 2, 3, 3, 3, 3, 4, 5, 5, 5][dice.number(below: 10)]
        machines = founders + dice.number(below: 4)
        clients = dice.number(in: 1...5)
        duration = milliseconds(dice.number(in: 1_500...6_000))
        tick = milliseconds(10)
        isOrdered = dice.falls(500)
        let slowest = dice.falls(300) ? 20_000 : 1_500
        delay = 100...slowest
        lossPermille = isOrdered || dice.falls(500) ? 0 : dice.number(below: 150)
        duplicatePermille = isOrdered || dice.falls(500) ? 0 : dice.number(below: 150)
        stragglerPermille = dice.falls(500) ? 0 : dice.number(below: 100)
        faultPause = milliseconds(dice.number(in: 60...600))
        let share = dice.number(in: 200...900)
        var drawn: [Fault.Kind] = []
        // Rot is drawn apart, so that the runs of before there was any are what they were.
        for kind in Fault.Kind.allCases where kind != .rot && dice.falls(share) { drawn.append(kind) }
        faults = drawn
        let isDangerous = dice.falls(400)
        voteCrashPermille = isDangerous ? dice.number(below: 200) : 0
        appendCrashPermille = isDangerous ? dice.number(below: 5) : 0
        otherCrashPermille = isDangerous ? dice.number(below: 3) : 0
        noticesConnections = dice.falls(600)
        pumpDelay = dice.falls(400) ? dice.number(in: 10...2_000) : nil
        diskTime = 100...(dice.falls(300) ? 8_000 : 500)
        checkpointPause = milliseconds(dice.number(in: 50...1_000))
        retention = UInt64(dice.number(below: 60))
        valueBytes = dice.number(below: 120)
        limits = Self.limits(&dice)
        // One entry per slow round trip would be too slow for anybody to catch up.
        if slowest > 1_500 { limits.inFlightMessages = max(4, limits.inFlightMessages) }
    }

    /// The world in which a mistake shows soonest: mistakes that need several elections get them.
    mutating func suit(_ mutation: Mutation) {
        switch mutation {
        case .forgottenVote:
            voteCrashPermille = 300
            duration = milliseconds(6_000)
            limits.electionTicks = 5
            limits.heartbeatTicks = 2
            faults = [.crash, .isolate]
        case .oldTermCounted:
            founders = 3
            machines = 3
            faults = [.isolate, .isolate, .crash]
            faultPause = milliseconds(100)
            cutMilliseconds = 150
            limits.electionTicks = 5
            limits.heartbeatTicks = 2
            appendCrashPermille = 60
            duration = milliseconds(6_000)
            delay = 1_000...8_000
            limits.messageBytes = 1
            limits.inFlightMessages = 1
        case .forgivenDebt:
            founders = 3
            machines = 3
            faults = [.rot, .crash, .isolate]
            faultPause = milliseconds(100)
            duration = milliseconds(6_000)
        case .directChange: faults = [.membership, .membership, .split, .isolate]
        case .acknowledgedTooEarly, .unconfirmedRead, .boastingCandidate, .wipedVoter, .uncheckedCommit: break
        case .repliedTooEarly, .skippedMinter, .forgottenKey, .doubledEvent, .ignoredDeposal, .unconfirmedLeader,
            .staleFollower,
            .leadingFollower, .lostResult, .unsentEffect:
            break  // Of the other world.
        }
    }

    var manners: Network.Manners {
        Network.Manners(
            isOrdered: isOrdered, delay: delay, lossPermille: lossPermille, duplicatePermille: duplicatePermille,
            stragglerPermille: stragglerPermille)
    }

    /// Bounds small enough to be met.
    private static func limits(_ dice: inout Dice) -> RaftLimits {
        var limits = RaftLimits()
        limits.heartbeatTicks = dice.number(in: 2...4)
        limits.electionTicks = dice.number(in: 12...20)
        limits.snapshotSilenceTicks = dice.number(in: 10...40)
        limits.diskStallTicks = dice.number(in: 20...60)
        limits.messageBytes = dice.falls(400) ? 1 : dice.number(in: 100...4_000)
        limits.inFlightMessages = dice.number(in: 1...12)
        limits.inFlightBytes = dice.number(in: 200...10_000)
        limits.uncommittedBytes = dice.number(in: 200...20_000)
        limits.cachedBytes = dice.number(in: 1...4_000)
        limits.waitingBytes = 4 * limits.cachedBytes
        limits.applyBytes = dice.number(in: 1...2_000)
        limits.applyBatches = dice.number(in: 1...3)
        limits.fetchBytes = dice.number(in: 1...2_000)
        limits.partBytes = dice.number(in: 8...100)
        limits.waitingReads = dice.number(in: 1...20)
        limits.promotionLag = UInt64(dice.number(in: 5...100))
        return limits
    }
}
