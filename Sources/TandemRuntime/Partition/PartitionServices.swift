internal import TandemCore
internal import TandemWire

/// What a partition derives from its records: stopped, it is rebuilt from them with nothing lost.
struct Services {
    struct Service {
        var isRunning = true
    }
    var routing = Service()
    var timers = Service()
    var effects = Service()
    /// `routing` before `timers`: a timer's turn may route; both before `effects`, which make turns.
    var supervisor = Supervisor(
        .restForOne, children: [Partition.routingName, Partition.timersName, Partition.effectsName])
    /// Recovery has put every record and entry through the routing indexes: who leads then need not do that again.
    var routingIsDerived = false
    /// Why the partition gave up its leadership; nil: it did not.
    var givenUp: String?
    /// Why its state is not to be believed; nil: nothing is known against it. Its replica does not lead meanwhile.
    var distrust: String?

    /// As they are when a partition begins to lead: the restarts of before stay on record.
    mutating func begin() {
        routing.isRunning = true
        timers.isRunning = true
        effects.isRunning = true
        givenUp = nil
    }
}

extension Partition {
    package static let routingName = "routing"
    package static let timersName = "SLA timers"

    /// Stops a service by name, and does not start it again; false: there is none of that name.
    package func stop(service name: String) -> Bool {
        switch name {
        case Self.routingName:
            services.routing.isRunning = false
            services.routingIsDerived = false
            roster.router = Router()
        case Self.timersName:
            services.timers.isRunning = false
            disarmAll()
        case Self.effectsName:
            services.effects.isRunning = false
            endEffects()
        default: return false
        }
        return true
    }

    /// Starts a stopped service from the actors' records.
    package func start(service name: String) -> Bool {
        switch name {
        case Self.routingName:
            rebuildRouter()
            services.routing.isRunning = true
            scheduleRouting()
        case Self.timersName:
            services.timers.isRunning = true
            rebuildTimers()
        case Self.effectsName:
            services.effects.isRunning = true
            beginEffects()
        default: return false
        }
        return true
    }

    /// A service failed: it is restarted as the supervisor says, and when it fails too often the partition gives up
    /// its leadership, never the node.
    package func serviceFailed(_ name: String, reason: String) {
        switch services.supervisor.failed(name, reason: reason, at: clock.monotonic()) {
        case .restart(let names):
            for name in names.reversed() { _ = stop(service: name) }
            for name in names { _ = start(service: name) }
        case .escalate:
            giveUp("\(name) failed more than \(services.supervisor.restartsMax) times in a row: \(reason)")
        }
    }

    /// The last step of supervision: the partition takes no more commands, the node goes on with the others. What is
    /// committed stays as it is and is led again after the next start.
    package func giveUp(_ reason: String) {
        guard phase != .draining, phase != .stopped, services.givenUp == nil else { return }
        services.givenUp = reason
        // Its replica deposes it, in order behind what was committed.
        log.withdraw()
    }

    /// The routing indexes contradict the records. Nothing is routed until they are made anew, after this turn.
    func routingBroke(_ broken: InvariantBroken) {
        services.routing.isRunning = false
        restart(after: Self.routingName, broken.what)
    }

    /// The timer wheel contradicts the records.
    func timersBroke(_ what: String) {
        services.timers.isRunning = false
        restart(after: Self.timersName, what)
    }

    func restart(after name: String, _ reason: String) {
        counters.invariantsBroken += 1
        run { if $0.phase == .leading { $0.serviceFailed(name, reason: reason) } }
    }

    /// The indexes hold nothing that the records do not: they are made anew from all of them.
    func rebuildRouter() {
        roster.router = Router()
        for actor in roster.all {
            guard let record = roster.record(actor) else { continue }
            switch record {
            case .queue(let queue): roster.router.update(queue: nil, after: queue.present)
            case .agent(let agent): roster.router.update(agent: nil, after: agent.present)
            case .conversation(let conversation):
                roster.router.update(conversation: nil, after: conversation.present)
            case .tenant, .customer, .credential, .quarantine, .delivery: break  // Not routed.
            }
        }
    }

    func disarmAll() { disarm(roster.all) }

    private func disarm(_ actors: [ActorID]) {
        for actor in actors { roster.withKeeping(actor) { $0.timer = .none } }
        wheel = TimerWheel(now: time.now(clock))
        wakeAt = .max
    }

    /// Arms every deadline from the records; what fell due meanwhile fires once, at once.
    func rebuildTimers() {
        let actors = roster.all
        disarm(actors)
        for actor in actors { rearm(actor) }
        armWake()
    }

    /// The partition's part of the supervision tree.
    package func tree() -> TreeNode {
        func service(_ name: String, running: Bool, count: Int) -> TreeNode {
            let child = services.supervisor.children.first { $0.name == name }
            return TreeNode(
                name: name, kind: "service", state: running ? "running" : "stopped", restarts: child?.restarts ?? 0,
                lastReason: child?.lastReason, count: count)
        }
        func group(_ name: String, _ count: Int) -> TreeNode {
            TreeNode(name: name, kind: "actors", state: "running", count: count)
        }
        return TreeNode(
            name: "partition \(number)", kind: "partition",
            state: services.givenUp == nil ? phase.rawValue : "given up", lastReason: services.givenUp,
            children: [
                TreeNode(name: "replica", kind: "service", state: journalTrouble?.rawValue ?? "running"),
                group("tenants", roster.tenants.count), group("queues", roster.queues.count),
                group("agents", roster.agents.count), group("customers", roster.customers.count),
                group("conversations", roster.conversations.count), group("credentials", roster.credentials.count),
                group("deliveries", roster.deliveries.count),
                service(Self.routingName, running: services.routing.isRunning, count: roster.router.waitingCount),
                service(Self.timersName, running: services.timers.isRunning, count: wheel.count),
                service(Self.effectsName, running: services.effects.isRunning, count: effects.lines.sending),
                TreeNode(name: "sessions", kind: "service", state: "running", count: subscriptions.count),
            ])
    }
}
