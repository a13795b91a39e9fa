internal import Synchronization
internal import TandemConsensus
internal import TandemCore
internal import TandemTransport
internal import TandemWire

/// A partition's `CommandLane`, with the hands that do what it says.
///
/// It has no thread of its own: who brings something works until nothing is left, what others bring meanwhile he finds.
/// So what is asked leaves in the order in which it was handed in.
// Safe: `leaderKnown` is under `lock`, the inbox has one of its own; the machine and the writer are touched only by the one
// who works.
final class ForwardingLane: OutcomeCarrier, @unchecked Sendable {
    enum Input {
        case submit(Command, CommandKey?, @Sendable (Outcome) -> Void)
        case outcomes(ForwardedOutcomes, NodeID)
        case leader(NodeID?)
        case lost(NodeID, ended: Bool)
        case found(NodeID)
        case cutOff(Bool)
        case tick
        case stop
    }

    private let id: NodeID
    private let partition: Partition
    private let clock: any NodeClock
    private let mail: any NodeMail
    private var agreed: AgreedFormat { partition.configuration.agreed }
    private let lock = Lock()
    private let inbox = CombiningInbox<Input>()
    private var leaderKnown: NodeID?
    private var machine: CommandLane
    private var writer = WireWriter()
    /// Outcomes on their way to the partition's executor; as long as there are any, others queue behind them.
    private let telling = Atomic<Int>(0)
    private let waits = Atomic<Bool>(false)

    init(
        id: NodeID, life: UInt64, partition: Partition, clock: any NodeClock, mail: any NodeMail,
        limits: ForwardingLimits
    ) {
        self.id = id
        self.partition = partition
        self.clock = clock
        self.mail = mail
        machine = CommandLane(id: id, life: life, limits: limits)
    }

    // MARK: From any thread

    func bring(_ input: Input) {
        inbox.bring(input) {
            guard case .leader(let node) = input else { return }
            lock.withLock { leaderKnown = node }
        } work: { batch in
            let now = clock.monotonic()
            for input in batch { take(input, at: now) }
            for effect in machine.takeEffects() { perform(effect) }
            waits.store(!machine.isEmpty, ordering: .relaxed)
        }
    }

    /// What another node asks for.
    func asked(_ commands: ForwardedCommands, by node: NodeID) { partition.take(commands, from: node, carrier: self) }

    func carry(_ outcomes: ForwardedOutcomes, to node: NodeID) {
        if node == id { return bring(.outcomes(outcomes, node)) }
        guard let bytes = try? ForwardingCodec.encode(outcomes, in: agreed.now) else {
            preconditionFailure("a message's outcomes are within its bounds")
        }
        mail.send(.outcome, partition: partition.number, bytes, to: node)
    }

    var leaderElsewhere: NodeID? { lock.withLock { leaderKnown == id ? nil : leaderKnown } }

    /// Somebody's command is not answered yet.
    var hasWaiting: Bool { waits.load(ordering: .relaxed) }

    // MARK: Working

    private func take(_ input: Input, at now: UInt64) {
        switch input {
        case .submit(let command, let key, let reply):
            writer.removeAll()
            // The same command has the same digest before and after a cluster raises its format.
            CommandCodec.write(command, in: WireVersion.oldest, to: &writer)
            machine.submit(
                command, key: key, bytes: writer.count, fingerprint: writer.withBytes(Fingerprint.of), at: now,
                reply: reply)
        case .outcomes(let outcomes, let node): machine.received(outcomes, from: node, at: now)
        case .leader(let node): machine.leaderChanged(to: node, at: now)
        case .lost(let node, let ended):
            partition.forgetStream(of: node)
            machine.lost(node, ended: ended, at: now)
        case .found(let node): machine.found(node, at: now)
        case .cutOff(let isSo): machine.cutOff(isSo)
        case .tick: machine.tick(at: now)
        case .stop: machine.stop()
        }
    }

    private func perform(_ effect: CommandLane.Effect) {
        switch effect {
        case .ask(let node, let commands):
            if node == id { return partition.take(commands, from: id, carrier: self) }
            guard let bytes = try? ForwardingCodec.encode(commands, in: agreed.now) else {
                preconditionFailure("a message's commands are within its bounds")
            }
            mail.send(.command, partition: partition.number, bytes, to: node)
        case .tell(let waiting, let outcome): tell(outcome, waiting, pulls: machine.underWay == 0)
        }
    }

    /// On the partition's executor, in order.
    private func tell(_ outcome: Outcome, _ waiting: WaitingCommand, pulls: Bool) {
        let (deadline, reply) = (waiting.deadline, waiting.reply)
        if partition.executor.isIsolatingCurrentContext() == true, telling.load(ordering: .acquiring) == 0 {
            return partition.assumeIsolated { $0.tell(outcome, until: deadline, pulls: pulls, reply) }
        }
        telling.wrappingAdd(1, ordering: .relaxed)
        partition.run { [self] partition in
            partition.tell(outcome, until: deadline, pulls: pulls, reply)
            telling.wrappingSubtract(1, ordering: .releasing)
        }
    }
}
