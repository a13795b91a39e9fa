internal import Synchronization
package import TandemConsensus
package import TandemJournal
internal import TandemTransport

/// One node's part in the group of one partition: Raft, and the hands that do what it says.
///
/// It has no thread of its own. Who brings something (the partition entries, the journal an answer, the network a message,
/// the clock a tick) works until nothing is left to do; what others bring meanwhile he finds. So a turn costs no wake-up
/// but the journal's, and a long turn of the partition holds up no election.
// Safe: `leaderKnown`, `membershipKnown` and the hooks are under `lock`, the inbox has one of its own; everything else is
// touched only by the one who works.
package final class Replica: PartitionLog, @unchecked Sendable {
    package let partition: UInt16
    package let id: NodeID
    let log: any EntryLog
    let peers: any ReplicaPeers
    let snapshots: any SnapshotKeeper
    /// Reads the journal where that may wait for the disk.
    let reader: any PartitionExecutor
    let limits: RaftLimits
    let bounds: ReplicaLimits
    let founders: Membership
    let seed: UInt64
    /// Names reads for good: this life of the node.
    let life: UInt64

    private let lock = Lock()
    private let inbox = CombiningInbox<Input>()
    private var leaderKnown: NodeID?
    private var membershipKnown: Membership
    private var leaderHook: (@Sendable (NodeID?) -> Void)?
    private var stirHook: (@Sendable () -> Void)?
    private let calm = Atomic<Bool>(false)

    var machine: (any Replicated)?
    /// Nil before the start, and while a write has failed.
    var raft: Raft?
    /// Counts the machines: what was under way for an earlier one is void.
    var generation: UInt64 = 0
    var leading: Leading?
    var changing: Changing?
    /// No membership of its log ever named another voter.
    let isAlone: Atomic<Bool>
    /// It has read its journal in this life, and what was committed then.
    var hasBegun = false
    var recoveredTo: LogIndex = 0
    var waiters = Ring<Waiter>()
    /// Writes handed to the journal and not answered.
    var writesUnderWay = 0
    var failure: JournalError?
    var isDiskFull = false
    var isWithdrawn = false
    var isReluctant = false
    /// What comparing states has come to.
    var verdict = MarkVotes.Verdict.sound
    /// A connection was lost since the last ticks: what they bring of the calm before it is no time since then.
    var isTimeOver = false
    var isStopped = false
    var isRebuilding = false
    /// What was handed to the machine last, and what it said it has applied.
    var handed: LogPoint = .beginning
    var applied: LogIndex = 0
    var reads = ReadRequests()
    /// A copy is being made: the log keeps what it may need.
    var isCopying = false
    /// The copy that is offered, and ticks since somebody read of it.
    var offered: Snapshot?
    var offeredTicks = 0
    var timeLast: Int64 = 0
    var settled: (@Sendable () -> Void)?
    /// The machine's state has everything up to here, though the log has forgotten some of it.
    var ahead: LogIndex = 0
    /// Damage that is being forgotten: without that the log cannot be read, and nothing is begun.
    var unforgotten: JournalFinding?
    /// Until it is tried again; 0: it is under way.
    var forgettingPause = 0
    /// Until the log is read anew, in ticks: it could not be for the moment. 0: it need not be, or nothing keeps it.
    var rebuildingPause = 0
    let damage: @Sendable (JournalDamage) -> Void
    let alarm: @Sendable (RaftAlarm) -> Void
    let alarmCount = Atomic<UInt64>(0)
    var alarmBook = AlarmBook()

    struct Leading {
        let term: Term
        /// What comes behind it is the machine's own: the entry that opened the term, or ended its last change of members.
        var opening: LogIndex
        /// The machine was told.
        var isBegun = false
    }

    /// A batch under way.
    struct Waiter {
        let range: ClosedRange<UInt64>
        let completion: AppendCompletion
    }

    /// What a replica begins with.
    struct Beginning {
        let machine: any Replicated
        let state: LogPoint
        let disk: JournalHealth
        let raft: Raft
        let settled: @Sendable () -> Void
    }

    /// - Parameters:
    ///   - founders: who takes part before the log says otherwise.
    ///   - life: of the node; rises with each start.
    ///   - seed: of its chance; different on each node.
    ///   - damage: told what becomes of a damaged log, by whoever works.
    ///   - alarm: told what Raft finds unusual, by whoever works: each kind now and then.
    package init(
        partition: UInt16, id: NodeID, founders: Membership, log: any EntryLog, peers: any ReplicaPeers,
        snapshots: any SnapshotKeeper, reader: any PartitionExecutor, limits: RaftLimits = .ofNodes,
        bounds: ReplicaLimits = ReplicaLimits(), life: UInt64, seed: UInt64,
        damage: @escaping @Sendable (JournalDamage) -> Void = { _ in },
        alarm: @escaping @Sendable (RaftAlarm) -> Void = { _ in }
    ) {
        self.partition = partition
        self.id = id
        self.founders = founders
        membershipKnown = founders
        isAlone = Atomic(founders.voters == [id] && log.meta(Self.sharedKey(partition)) == nil)
        self.log = log
        self.peers = peers
        self.snapshots = snapshots
        self.reader = reader
        self.limits = limits
        self.bounds = bounds
        self.life = life
        self.seed = seed
        self.alarm = alarm
        self.damage = damage
    }

    // MARK: From any thread

    /// Begins, with a machine that has applied everything up to `state`.
    ///
    /// - Parameter settled: called once: when a leader is known, or it is known that this node cannot lead.
    /// - Throws: `JournalError` when the journal cannot be read, or has forgotten a vote.
    package func start(
        _ machine: any Replicated, at state: LogPoint, disk: JournalHealth, settled: @escaping @Sendable () -> Void
    ) throws(JournalError) {
        let raft = try recovered(from: state)
        bring(.start(Beginning(machine: machine, state: state, disk: disk, raft: raft, settled: settled)))
    }

    package func append(_ entries: [JournalEntry], completion: @escaping AppendCompletion) {
        bring(.propose(entries, completion))
    }

    package var decidesAlone: Bool { isAlone.load(ordering: .sequentiallyConsistent) }

    package func receive(_ message: RaftMessage) { bring(.message(message)) }

    /// So many ticks of 10 ms have passed: one, or as long as the replica was calm up to `RaftLimits.heartbeatTicks`.
    package func tick(_ count: Int = 1) { bring(.ticks(count)) }

    /// With the last tick there was nothing to do for it, nor since then; see `Raft.isCalm`.
    package var isCalm: Bool { calm.load(ordering: .acquiring) }

    /// Called when it is calm no more, by whoever works.
    func onStir(_ hook: @escaping @Sendable () -> Void) { lock.withLock { stirHook = hook } }

    package func connection(to node: NodeID, isUp: Bool) { bring(.connection(node, isUp: isUp)) }

    package func confirmLeadership(_ done: @escaping @Sendable (Bool) -> Void) { bring(.confirm(done)) }

    /// Asks up to where a linearizable read has to wait, on this node; nil: there is no leader, ask again.
    package func readIndex(_ done: @escaping @Sendable (UInt64?) -> Void) { bring(.read(done)) }

    /// What a synced state contains is not needed any more.
    package func compact(to index: UInt64) { bring(.compact(index)) }

    package func diskChanged(_ health: JournalHealth) { bring(.health(health)) }

    /// Whether others should lead if they can; see `Raft.reluctant`.
    package func reluctant(_ isReluctant: Bool) { bring(.reluctance(isReluctant)) }

    /// What comparing its machine's state with others' has come to: in doubt it is reluctant, and a wrong one does not lead.
    func judge(_ verdict: MarkVotes.Verdict) { bring(.verdict(verdict)) }

    package func transferLeadership(to node: NodeID, done: @escaping @Sendable (ProposalRefusal?) -> Void) {
        bring(.transfer(node, done))
    }

    package func status(_ done: @escaping @Sendable (RaftStatus?) -> Void) { bring(.status(done)) }

    /// Its machine takes part no more in this life of the node: it neither leads nor takes entries.
    package func withdraw() { bring(.withdraw) }

    /// Does nothing any more, and lets go of its machine.
    package func stop() { bring(.stop) }

    /// How often Raft has found something unusual in this life.
    package var alarms: UInt64 { alarmCount.load(ordering: .relaxed) }

    /// Who leads, as far as this node knows.
    package var leader: NodeID? { lock.withLock { leaderKnown } }

    /// Who takes part, as far as this node knows.
    package var membership: Membership { lock.withLock { membershipKnown } }

    /// Called when `leader` has changed, by whoever works.
    package func onLeaderChange(_ hook: @escaping @Sendable (NodeID?) -> Void) {
        lock.withLock { leaderHook = hook }
    }

    /// Whoever is told of leaders holds this replica, and would for ever.
    func letGoOfHooks() {
        lock.withLock {
            leaderHook = nil
            stirHook = nil
        }
    }

    package func read(
        partition: UInt16, from index: UInt64, maximumBytes: Int
    ) throws(JournalError) -> [JournalEntry] {
        do throws(JournalError) {
            return try log.read(partition: partition, from: index, maximumBytes: maximumBytes)
        } catch {
            if case .damaged(let finding) = error { bring(.damaged(finding)) }
            throw error
        }
    }

    /// Somebody who read the journal found an entry of this partition damaged.
    package func found(_ finding: JournalFinding) { bring(.damaged(finding)) }

    // MARK: Working

    /// Leaves something to do, and does all there is unless somebody is at it.
    func bring(_ input: Input) {
        inbox.bring(
            input,
            work: { batch in
                for input in batch {
                    if isCalm, input.stirs { stir() }
                    take(input)
                }
                work()
                if batch.contains(where: \.isTick) { calm.store(seemsCalm, ordering: .releasing) }
            })
    }

    private func stir() {
        calm.store(false, ordering: .releasing)
        lock.withLock { stirHook }?()
    }

    private var seemsCalm: Bool {
        raft?.isCalm == true && changing == nil && waiters.isEmpty && writesUnderWay == 0
    }

    func settle() {
        settled?()
        settled = nil
    }

    /// Makes known who takes part.
    func publishMembership() {
        guard let membership = raft?.membership else { return }
        lock.withLock { membershipKnown = membership }
    }

    /// Makes known who leads.
    func publish(leader: NodeID?) {
        if leader != nil { settle() }
        let hook = lock.withLock { () -> (@Sendable (NodeID?) -> Void)? in
            guard leaderKnown != leader else { return nil }
            leaderKnown = leader
            return leaderHook
        }
        hook?(leader)
    }
}

/// How messages get to the other nodes of a group. They may be lost.
package protocol ReplicaPeers: AnyObject, Sendable {
    /// Returns at once; called from any thread.
    func send(_ message: RaftMessage, of partition: UInt16)
}

/// A node alone talks to nobody.
package final class NoPeers: ReplicaPeers {
    package init() {}
    package func send(_ message: RaftMessage, of partition: UInt16) {}
}
