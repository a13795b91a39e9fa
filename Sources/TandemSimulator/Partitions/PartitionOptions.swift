internal import TandemConsensus
internal import TandemRuntime

/// The shape of a run of partitions, drawn from its seed before anything else. As in `RunOptions`, most faults are
/// switched off in most runs.
struct PartitionOptions {
    /// What goes wrong. Crashes take what was not written; a power cut also what the store had not synced.
    enum Fault: Int, CaseIterable {
        case crash, powerCut, pause, isolate, split, oneWay, partial, slowLink, badNetwork
        case slowDisk, hungDisk, fullDisk, failingDisk, slowStore, busyExecutor, clockStep, transfer, rot
    }

    let members: Int
    /// How many of them found the group; the others are there to be taken in.
    var founders: Int
    /// Who takes part is changed under way.
    var changesMembers = false
    /// Logs are cut soon, and who lacks what was cut gets a snapshot.
    var cutsSoon = false
    /// The tenant has webhooks.
    var tells = false
    var bounds = ReplicaLimits()
    var snapshotBytes = 1...1
    let clients: Int
    /// How long faults go on, virtual microseconds.
    var duration: Moment
    var manners: Network.Manners
    let noticesConnections: Bool
    /// Mean time between faults, microseconds.
    var faultPause: Int
    var faults: [Fault]
    /// Of a thousand operations of clients, how many are reads.
    var readPermille = 250
    /// How long links are cut at most, milliseconds.
    var cutMilliseconds = 700
    /// Microseconds a transaction, a turn of an executor, a load from the store and a write of the store take.
    let diskTime: ClosedRange<Int>
    var executorTime: ClosedRange<Int>
    let loadTime: ClosedRange<Int>
    let storeTime: ClosedRange<Int>
    let checkpointPause: Int
    /// Nanoseconds between two flushes of a partition.
    let flushInterval: UInt64
    /// Between what is journaled and the mark behind it, in journaled milliseconds.
    var markMilliseconds = 500
    let inflightMax: Int
    let behindMax: Int
    /// Journaled time runs so many times as fast.
    let factor: Int64
    /// How far wall clocks may be off, milliseconds.
    let skew: Int
    var limits: RaftLimits
    /// A calm group has its ticks several at once.
    let restsWhenCalm: Bool

    init(dice: inout Dice) {
        members = [1, 3, 3, 3, 3, 5, 5][dice.number(below: 7)]
        founders = members
        clients = dice.number(in: 3...8)
        duration = milliseconds(dice.number(in: 2_000...8_000))
        let isOrdered = dice.falls(600)
        manners = Network.Manners(
            isOrdered: isOrdered, delay: 100...(dice.falls(300) ? 20_000 : 1_500),
            lossPermille: isOrdered || dice.falls(500) ? 0 : dice.number(below: 150),
            duplicatePermille: isOrdered || dice.falls(500) ? 0 : dice.number(below: 150),
            stragglerPermille: dice.falls(500) ? 0 : dice.number(below: 100))
        noticesConnections = dice.falls(600)
        faultPause = milliseconds(dice.number(in: 60...600))
        let share = dice.number(in: 200...900)
        var drawn: [Fault] = []
        for fault in Fault.allCases where fault != .rot && dice.falls(share) { drawn.append(fault) }
        faults = drawn
        diskTime = 100...(dice.falls(300) ? 8_000 : 500)
        executorTime = 5...(dice.falls(300) ? 10_000 : 200)
        loadTime = 50...(dice.falls(300) ? 20_000 : 1_000)
        storeTime = 100...(dice.falls(300) ? 400_000 : 20_000)
        checkpointPause = milliseconds(dice.number(in: 50...1_000))
        flushInterval = UInt64(dice.number(in: 20...1_500)) * 1_000_000
        inflightMax = dice.falls(300) ? dice.number(in: 1...8) : 8_192
        behindMax = dice.falls(300) ? dice.number(in: 2...40) : 100_000
        factor = dice.falls(700) ? 10 : 1
        skew = dice.falls(500) ? 0 : dice.number(in: 1...500)
        limits = Self.limits(&dice)
        restsWhenCalm = dice.falls(700)
    }

    /// Bounds small enough to be met.
    private static func limits(_ dice: inout Dice) -> RaftLimits {
        var limits = RaftLimits()
        limits.heartbeatTicks = dice.number(in: 2...4)
        limits.electionTicks = dice.number(in: 12...20)
        limits.diskStallTicks = dice.number(in: 20...60)
        limits.messageBytes = dice.falls(200) ? 1 : dice.number(in: 200...8_000)
        limits.inFlightMessages = dice.number(in: 4...16)
        limits.inFlightBytes = dice.number(in: 1_000...40_000)
        limits.uncommittedBytes = dice.number(in: 1_500...60_000)
        limits.cachedBytes = dice.number(in: 1...20_000)
        limits.waitingBytes = 4 * limits.cachedBytes
        limits.applyBytes = dice.number(in: 1...8_000)
        limits.applyBatches = dice.number(in: 1...3)
        limits.fetchBytes = dice.number(in: 1...8_000)
        limits.waitingReads = dice.number(in: 2...40)
        return limits
    }

    /// Runs in which the members of the group change.
    mutating func changeMembers(_ dice: inout Dice) {
        changesMembers = true
        founders = dice.number(in: 1...members)
    }

    /// Runs in which members that lag are sent the state.
    mutating func cutSoon(_ dice: inout Dice) {
        cutsSoon = true
        bounds.keptForMembers = LogIndex(dice.number(in: 1...60))
        bounds.keptForSnapshots = bounds.keptForMembers * LogIndex(dice.number(in: 1...4))
        bounds.offeredTicks = dice.number(in: 30...600)
        snapshotBytes = 1...dice.number(in: 1...5_000)
        limits.partBytes = dice.number(in: 50...2_000)
        limits.snapshotSilenceTicks = dice.number(in: 10...50)
    }

    /// The world in which a mistake shows soonest.
    mutating func suit(_ mutation: Mutation) {
        switch mutation {
        case .unconfirmedLeader:
            // One that rests with a turn before it, and wakes when others have gone on, believes for that turn that it
            // leads still.
            faults = [.pause]
            faultPause = milliseconds(300)
            executorTime = 3_000...10_000
            duration = milliseconds(8_000)
            readPermille = 500
        case .staleFollower, .ignoredDeposal, .forgottenKey:
            faults = [.isolate, .isolate, .crash]
            faultPause = milliseconds(150)
            duration = milliseconds(8_000)
        case .doubledEvent: faults = [.pause]
        case .repliedTooEarly, .skippedMinter, .leadingFollower: faults = [.crash, .isolate]
        case .lostResult, .unsentEffect: tells = true
        case .forgottenVote, .acknowledgedTooEarly, .oldTermCounted, .directChange, .unconfirmedRead,
            .boastingCandidate, .wipedVoter, .uncheckedCommit, .forgivenDebt:
            break  // Of the other world.
        }
    }
}
