internal import TandemConsensus
internal import TandemTransport

/// What replicas count time by, and what a cluster does now and then: a beat every 10 ms, on a thread that does nothing
/// long. As long as nobody has anything to do, all ticks between two heartbeats come with one beat.
// Safe: `planned`, and what `cluster` does, is touched on the loop only; everything else never changes.
final class Pulse: @unchecked Sendable {
    /// Of a tick, in nanoseconds.
    private static let interval: UInt64 = 10_000_000
    private static let calmTicks = RaftLimits.ofNodes.heartbeatTicks

    /// The next beat.
    private struct Planned {
        let timer: TimerToken
        /// When the last one was due, and the ticks that will have passed since.
        let since: UInt64
        let ticks: Int
    }

    private let loop: EventLoop
    private let replicas: [Replica]
    private let partitions: [Partition]
    private let forwarder: Forwarder
    private let currency: Currency
    private let patience: Patience
    private let absence: LeaderAbsence?
    private let presence: NodePresence?
    private let cluster: ClusterPart
    private var planned: Planned?

    init(
        loop: EventLoop, _ replicas: [Replica], _ partitions: [Partition], _ forwarder: Forwarder,
        currency: Currency, patience: Patience, absence: LeaderAbsence?, presence: NodePresence?,
        cluster: ClusterPart
    ) {
        self.loop = loop
        self.replicas = replicas
        self.partitions = partitions
        self.forwarder = forwarder
        self.currency = currency
        self.patience = patience
        self.absence = absence
        self.presence = presence
        self.cluster = cluster
    }

    private func hearsMajority(_ number: UInt16) -> Bool {
        guard let presence else { return true }
        let replica = replicas[Int(number)]
        let membership = replica.membership
        func isHeard(_ id: NodeID) -> Bool { id == replica.id || presence.isHere(id.node) }
        // Who knows of no voters is being let in.
        return [membership.voters, membership.outgoing].allSatisfy { voters in
            voters.isEmpty || voters.count(where: isHeard) >= Majority.of(voters.count)
        }
    }

    func start() {
        for replica in replicas {
            replica.onStir { [weak self] in
                guard let self else { return }
                loop.run { self.hurry() }
            }
        }
        loop.run { self.beat(at: EventLoop.monotonicNanoseconds(), ticks: 1) }
    }

    /// When the loop has ended: the beat that will not come holds this.
    func stop() { planned = nil }

    /// Late beats are not made up for: a node that was paused must not take the time for silence of others.
    private func beat(at due: UInt64, ticks: Int) {
        let now = EventLoop.monotonicNanoseconds()
        for replica in replicas { replica.tick(ticks) }
        forwarder.tick()
        currency.beat(at: now, partitions)
        let isLed = { (number: UInt16) in self.replicas[Int(number)].leader != nil }
        absence?.beat(at: now, isLed: isLed, hearsMajority: hearsMajority) { [forwarder] number, isCutOff in
            forwarder.cutOff(partition: number, isCutOff)
        }
        patience.beat(at: now, isLed: isLed) { self.absence?.isCutOff($0) ?? false }
        cluster.beat(at: now)
        if presence?.settle(at: now) == true {
            for partition in partitions { partition.run { if $0.phase == .leading { $0.endStaleSessions() } } }
        }
        let isCalm = forwarder.isIdle && patience.count == 0 && replicas.allSatisfy(\.isCalm)
        plan(isCalm ? Self.calmTicks : 1, since: due, at: now)
    }

    private func plan(_ ticks: Int, since: UInt64, at now: UInt64) {
        let next = max(since + Self.interval * UInt64(ticks), now)
        let timer = loop.schedule(at: next) { self.beat(at: next, ticks: ticks) }
        planned = Planned(timer: timer, since: since, ticks: ticks)
    }

    /// There is something to do: what is left of the calm comes tick by tick.
    private func hurry() {
        guard let planned, planned.ticks > 1 else { return }
        let now = EventLoop.monotonicNanoseconds()
        let passed = Int((now - min(now, planned.since)) / Self.interval)
        guard passed + 1 < planned.ticks else { return }
        loop.cancel(planned.timer)
        plan(passed + 1, since: planned.since, at: now)
    }
}
