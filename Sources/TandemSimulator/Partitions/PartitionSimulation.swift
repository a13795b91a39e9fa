internal import TandemConsensus
internal import TandemCore
internal import TandemRuntime

/// One partition on all members of its group, in one thread and from one seed: the real replica, turn driver, actors and
/// timers, on executors, clocks, journals, stores and a network that the run drives.
///
/// As in `Simulation`, faults happen for a while and safety is checked at every step; then everything is repaired, and
/// the group has to come to rest.
// Safe: a run has one thread.
final class PartitionSimulation: @unchecked Sendable {
    /// Something planned. What belongs to a process dies with it, and waits while that rests.
    struct Step {
        let member: Member?
        let life: Int
        let work: () -> Void
    }

    static let partition: UInt16 = 3

    let options: PartitionOptions
    let mutation: Mutation?
    var dice: Dice
    var faultDice: Dice
    /// Of its own, so that a run in which nobody changes the members is what it was.
    var memberDice: Dice
    var outsideDice: Dice
    var now: Moment = 0
    var queue = EventQueue<Step>()
    private(set) var members: [Member] = []
    var network: Network
    var checker = Checker()
    var ledger = Ledger()
    var times: TimeWatch
    var outside = Outside()
    var trace: Trace
    var coverage = Coverage()
    var clients: [PartitionClient]
    var operation: UInt64 = 0
    /// What clients have seen of an actor: the version of a queue's settings, the messages of a conversation.
    var seen: [ActorID: UInt64] = [:]
    /// The latest entry whose effect some client has seen.
    var seenUpTo: UInt64 = 0
    /// All copies of stores that were ever made.
    let shelf = SnapshotDisk.Shelf()
    /// When all members read the newest format: from then on it may be written.
    var agreedAt: Moment = 0
    /// Everything was repaired; what was committed then.
    var isQuiet = false
    var quietCommit: LogIndex = 0
    /// The first property that did not hold.
    var broken: Broken?

    init(seed: UInt64, mutation: Mutation? = nil, keepsWords: Bool = false) {
        // Another sequence than that of the other world's run of this seed.
        var dice = Dice(seed: seed ^ 0x7061_7274)
        var options = PartitionOptions(dice: &dice)
        var memberDice = Dice(seed: seed ^ 0x6d65_6d62)
        if let mutation {
            options.suit(mutation)
        } else {
            if seed % 2 == 1 { options.faults.append(.rot) }
            if seed % 3 == 0 { options.changeMembers(&memberDice) }
            if seed % 6 == 0 || seed % 6 == 2 { options.cutSoon(&memberDice) }
            options.tells = seed % 7 < 3
        }
        // Of its own, so that a run without marks is what it was.
        var markDice = Dice(seed: seed ^ 0x6d61_726b)
        options.markMilliseconds = markDice.number(in: 20...2_000)
        self.memberDice = memberDice
        outsideDice = Dice(seed: seed ^ 0x6f75_7473)
        self.options = options
        self.mutation = mutation
        network = Network(machines: options.members, manners: options.manners, dice: dice.split())
        faultDice = dice.split()
        clients = (0..<options.clients).map { PartitionClient(place: $0) }
        trace = Trace(keepsWords: keepsWords)
        times = TimeWatch(factor: options.factor)
        self.dice = dice
        members = (0..<options.members).map(makeMember)
        for member in members {
            furnish(member)
            plan(after: self.dice.number(below: milliseconds(50))) { [unowned self] in start(member) }
        }
        for client in clients {
            plan(after: milliseconds(100)) { [unowned self] in begin(client.place) }
        }
        plan(after: milliseconds(faultDice.number(in: 50...800))) { [unowned self] in inject() }
        planFormat(seed)
        if options.changesMembers { plan(after: milliseconds(300)) { [unowned self] in changeMembers() } }
    }

    private func makeMember(_ place: Int) -> Member {
        let clock = VirtualClock(
            drift: dice.number(in: -200...200), ahead: dice.number(in: -options.skew...options.skew)
        ) { [unowned self] in now }
        let store = StoreDisk(behindMax: options.behindMax)
        return Member(
            place: place, store: store,
            snapshots: SnapshotDisk(shelf: shelf, store: store, bytes: options.snapshotBytes), clock: clock,
            tick: milliseconds(10) * dice.number(in: 85...115) / 100)
    }

    var founders: Membership { Membership(voters: members.prefix(options.founders).map(\.id)) }

    // MARK: Planning

    func plan(after delay: Int, _ work: @escaping () -> Void) {
        queue.add(Step(member: nil, life: 0, work: work), at: now + delay)
    }

    func plan(after delay: Int, on member: Member, _ work: @escaping () -> Void) {
        queue.add(Step(member: member, life: member.life, work: work), at: now + delay)
    }

    // MARK: Running

    /// Runs to the end; throws what did not hold.
    func run() throws(Violation) {
        do throws(Broken) {
            while now < options.duration { try step() }
            healAll()
            let deadline = now + Simulation.patience
            while let unrest {
                guard now < deadline else { throw Broken(.progress, unrest) }
                let next = now + milliseconds(5)
                while now < next { try step() }
            }
            try checkAtRest()
        } catch {
            throw Violation(property: error.property, detail: error.detail, time: now)
        }
        coverage[.timedPromises] = times.timed
        // What refers to one another is let go.
        for member in members { member.process = nil }
    }

    private func step() throws(Broken) {
        guard let (time, step) = queue.next() else { throw Broken(.progress, "nothing happens any more") }
        now = max(now, time)
        guard let member = step.member else {
            step.work()
            if let broken { throw broken }
            return
        }
        guard member.isRunning, member.life == step.life else { return }
        if member.pausedUntil > now { return queue.add(step, at: member.pausedUntil) }
        step.work()
        if let broken { throw broken }
        try observe(member)
    }

    /// Notes what does not hold, where nothing can be thrown.
    func check(_ body: () throws(Broken) -> Void) {
        do throws(Broken) {
            try body()
        } catch {
            broken = broken ?? error
        }
    }
}
