internal import TandemTransport

/// What replicas count time by, and what a cluster does now and then: a beat every 10 ms, on a thread that does nothing
/// long.
// Safe: what `cluster` does is done on the loop only, everything else never changes.
final class Pulse: @unchecked Sendable {
    private static let interval: UInt64 = 10_000_000

    private let loop: EventLoop
    private let replicas: [Replica]
    private let partitions: [Partition]
    private let forwarder: Forwarder
    private let currency: Currency
    private let patience: Patience
    private let absence: LeaderAbsence?
    private let presence: NodePresence?
    private let cluster: ClusterPart

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

    func start() {
        loop.run { self.beat(at: EventLoop.monotonicNanoseconds()) }
    }

    /// Late beats are not made up for: a node that was paused must not take the time for silence of others.
    private func beat(at due: UInt64) {
        let now = EventLoop.monotonicNanoseconds()
        for replica in replicas { replica.tick() }
        forwarder.tick()
        currency.beat(at: now, partitions)
        let isLed = { (number: UInt16) in self.replicas[Int(number)].leader != nil }
        patience.beat(at: now, isLed: isLed)
        absence?.beat(at: now, isLed: isLed)
        cluster.beat(at: now)
        if presence?.settle(at: now) == true {
            for partition in partitions { partition.run { if $0.phase == .leading { $0.endStaleSessions() } } }
        }
        let next = max(due + Self.interval, now)
        loop.schedule(at: next) { self.beat(at: next) }
    }
}
