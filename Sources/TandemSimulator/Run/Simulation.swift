internal import TandemConsensus

/// A whole cluster in one thread: machines, disks, network, clients, operator and bad luck, all from one seed.
///
/// First faults happen for a while, and safety is checked at every step. Then everything is repaired, and the cluster has
/// to come to rest: one leader, new writes, equal states.
final class Simulation {
    let options: RunOptions
    let mutation: Mutation?
    var dice: Dice
    var faultDice: Dice
    var now: Moment = 0
    var queue = EventQueue<Happening>()
    var machines: [Machine] = []
    var network: Network
    var checker = Checker()
    var trace: Trace
    var coverage = Coverage()
    var clients: [Client]
    var operation: UInt64 = 0
    var replacements: [Replacement] = []
    /// Identities whose promises are gone and that are still members.
    var damaged: [NodeID] = []
    /// Everything was repaired; what was committed then.
    var isQuiet = false
    var quietCommit: LogIndex = 0

    init(seed: UInt64, mutation: Mutation? = nil, keepsWords: Bool = false) {
        var dice = Dice(seed: seed)
        var options = RunOptions(dice: &dice)
        if let mutation {
            options.suit(mutation)
        } else if seed % 2 == 0 {
            options.faults.append(.rot)
        }
        self.options = options
        self.mutation = mutation
        network = Network(machines: options.machines, manners: options.manners, dice: dice.split())
        faultDice = dice.split()
        clients = (0..<options.clients).map { Client(place: $0) }
        trace = Trace(keepsWords: keepsWords)
        self.dice = dice
        found()
    }

    /// Founds the cluster: the founders know each other from the beginning.
    private func found() {
        let founders = (0..<options.founders).map { NodeID(UInt32($0 + 1)) }
        for place in 0..<options.machines {
            let machine = Machine(place: place, tick: options.tick * dice.number(in: 85...115) / 100)
            machines.append(machine)
            if place < options.founders {
                provide(machine, membership: Membership(voters: founders))
                queue.add(.start(machine: place), at: dice.number(below: milliseconds(50)))
            }
        }
        for client in clients { queue.add(.client(client.place), at: milliseconds(100)) }
        queue.add(.fault, at: milliseconds(dice.number(in: 50...800)))
        queue.add(.operate, at: milliseconds(150))
    }

    /// Gives a machine an empty disk in its present incarnation.
    func provide(_ machine: Machine, membership: Membership) {
        machine.disk = Disk(
            identity: NodeID(machine.number, incarnation: machine.incarnation), membership: membership,
            state: Registers(), forgetsVotes: mutation == .forgottenVote)
    }

    // MARK: Running

    /// Runs to the end; throws what did not hold.
    func run() throws(Violation) {
        do throws(Broken) {
            while now < options.duration { try step() }
            healAll()
            let deadline = now + Self.patience
            while !isAtRest {
                guard now < deadline else { throw Broken(.progress, unrest) }
                try step()
            }
        } catch {
            throw Violation(property: error.property, detail: error.detail, time: now)
        }
    }

    /// Entries kept for a member that needs them.
    private static let patienceWithSlowMembers: LogIndex = 1_000

    /// Within so long after everything was repaired the cluster is at rest: some tens of election time-outs.
    static let patience = milliseconds(15_000)

    private func step() throws(Broken) {
        guard let (time, happening) = queue.next() else { throw Broken(.progress, "nothing happens any more") }
        now = max(now, time)
        try happen(happening)
    }

    private func happen(_ happening: Happening) throws(Broken) {
        switch happening {
        case .tick(let place, let life): try tick(place, life, happening)
        case .arrival(let message): try arrive(message, happening)
        case .connection(let place, let peer, let isUp): try connection(place, peer, isUp)
        case .committed(let place, let life): try committed(place, life, happening)
        case .applied(let place, let life): try apply(place, life, happening)
        case .checkpoint(let place, let life): try checkpoint(place, life, happening)
        case .fetched(let place, let life, let fetch): try fetched(place, life, fetch, happening)
        case .snapshotDone(let place, let life, let task): try snapshotDone(place, life, task, happening)
        case .pump(let place, let life):
            guard let machine = awake(place, life, happening), let replica = machine.replica else { return }
            replica.isPumpPlanned = false
            try work(machine)
        case .start(let place): try start(machines[place])
        case .strike(let place, let life):
            if machines[place].life == life, machines[place].isRunning { strike(machines[place]) }
        case .client(let place): try client(place)
        case .clientGivesUp(let place, let operation): giveUp(place, operation)
        case .fault: try inject()
        case .repair(let fault): try repair(fault)
        case .operate: try operate()
        }
    }

    /// The machine a happening belongs to, if its process still runs; a paused one does it later.
    func awake(_ place: Int, _ life: Int, _ happening: Happening) -> Machine? {
        let machine = machines[place]
        guard machine.isRunning, machine.life == life else { return nil }
        if machine.pausedUntil > now {
            queue.add(happening, at: machine.pausedUntil)
            return nil
        }
        return machine
    }

    // MARK: Time

    private func tick(_ place: Int, _ life: Int, _ happening: Happening) throws(Broken) {
        guard let machine = awake(place, life, happening), let replica = machine.replica else { return }
        queue.add(happening, at: now + machine.tick)
        replica.raft.tick()
        try pump(machine)
    }

    private func checkpoint(_ place: Int, _ life: Int, _ happening: Happening) throws(Broken) {
        guard let machine = awake(place, life, happening), let replica = machine.replica else { return }
        queue.add(happening, at: now + options.checkpointPause)
        let membership = replica.raft.membership(at: replica.applied.index)
        machine.disk?.checkpoint(
            Disk.State(point: replica.applied, membership: membership, bytes: replica.state.encoded))
        guard replica.applied.index > options.retention else { return }
        var index = replica.applied.index - options.retention
        // What a slow member is just being sent is kept for a while: else it might never catch up.
        if let needed = replica.raft.neededFrom, needed + Self.patienceWithSlowMembers > index {
            index = min(index, needed - 1)
        }
        replica.raft.compact(to: index)
        machine.disk?.submitCut(to: replica.raft.origin.index)
        beginTransaction(machine)
        coverage[.cutsOfTheLog] += 1
        try pump(machine)
    }
}
