internal import TandemCore
internal import TandemTransport
internal import TandemWire

/// The sum of the hashes of all records that are not dormant, kept while they change.
///
/// Whoever is asked for it needs it as it stands, without looking at a million records. So every entity keeps its own part
/// of the sum, and the roster notes whose record has changed since that was made. A record that changes often is hashed
/// once in a while: a bounded number of changed ones wait, and the oldest is hashed when another comes. What is left is
/// hashed when the sum is wanted.
///
/// ```
/// idle ── begin ──▶ counting ── all hashed once ──▶ exact, but for `changed`
///                      ▲────── another format ──────────┘
/// ```
/// Nothing is done before somebody wants a sum: a node alone never does.
struct RecordHashes: ~Copyable {
    /// Changed records that wait: hashing them takes about a millisecond.
    static let waitingMax = 1_024

    /// In which records are hashed; nil: nobody has wanted it yet.
    private(set) var format: UInt8?
    private(set) var sum = StateHash.zero
    /// Records in the sum.
    private(set) var count = 0
    /// Those that were not hashed since `begin`; the last is the next.
    fileprivate var rest: [ActorID] = []
    fileprivate var changed = Ring<ActorID>()
    private var writer = WireWriter()

    /// Every record was hashed once.
    var isCounted: Bool { format != nil && rest.isEmpty }

    fileprivate mutating func begin(in format: UInt8, _ all: [ActorID]) {
        self.format = format
        rest = all
    }

    fileprivate mutating func nextOfRest() -> ActorID? {
        guard let next = rest.popLast() else { return nil }
        // A list of a million is not kept.
        if rest.isEmpty { rest = [] }
        return next
    }

    fileprivate mutating func replace(_ old: StateHash, by new: StateHash) {
        sum -= old
        sum += new
        count += (new == .zero ? 0 : 1) - (old == .zero ? 0 : 1)
    }

    fileprivate mutating func hash(_ record: Record, of actor: ActorID) -> StateHash {
        guard let format else { return .zero }
        return Self.hash(record, of: actor, in: format, &writer)
    }

    /// The first half of the SHA-256 of the actor's identifier and its canonical bytes.
    static func hash(
        _ record: Record, of actor: ActorID, in format: UInt8, _ writer: inout WireWriter
    ) -> StateHash {
        writer.removeAll(keepingCapacity: true)
        writer.write(actor)
        RecordCodec.write(record, in: format, to: &writer)
        let (high, low) = writer.withBytes(Digest.sha256Half)
        return StateHash(high: high, low: low)
    }
}

extension Roster {
    /// Begins to keep the sum in a format, or begins anew in another; true if there is something to count.
    func wantHashes(in format: UInt8) -> Bool {
        if hashes.format != format {
            var all: [ActorID] = []
            for kind in ActorKind.allCases { for raw in keys(of: kind) { all.append(ActorID(kind: kind, raw: raw)) } }
            hashes.begin(in: format, all)
        }
        return !hashes.isCounted
    }

    /// Hashes some of what was never hashed; true if something is left.
    func countHashes(_ most: Int) -> Bool {
        for _ in 0..<most {
            guard let actor = hashes.nextOfRest() else { break }
            hash(actor)
        }
        return !hashes.rest.isEmpty
    }

    /// The sum as all records are now; nil while it is not counted.
    func exactHashes() -> (sum: StateHash, count: Int)? {
        guard hashes.isCounted else { return nil }
        while let actor = hashes.changed.popFirst() { hash(actor) }
        return (hashes.sum, hashes.count)
    }

    /// A record has changed; `isNews` if it had not since it was hashed.
    @inline(__always)
    func changed(_ actor: ActorID, isNews: Bool) {
        guard hashes.format != nil, isNews else { return }
        hashes.changed.append(actor)
        guard hashes.changed.count > RecordHashes.waitingMax, let oldest = hashes.changed.popFirst() else { return }
        hash(oldest)
    }

    /// Puts the part of the sum right that is an actor's.
    private func hash(_ actor: ActorID) {
        let raw = actor.raw
        switch actor.kind {
        case .tenant: hash(tenants[raw], actor) { .tenant($0) }
        case .queue: hash(queues[raw], actor) { .queue($0) }
        case .agent: hash(agents[raw], actor) { .agent($0) }
        case .customer: hash(customers[raw], actor) { .customer($0) }
        case .conversation: hash(conversations[raw], actor) { .conversation($0) }
        case .credential: hash(credentials[raw], actor) { .credential($0) }
        case .quarantine: hash(quarantine, actor) { .quarantine($0) }
        case .delivery: hash(deliveries[raw], actor) { .delivery($0) }
        }
    }

    @inline(__always)
    private func hash<M: Machine>(_ entity: Entity<M>?, _ actor: ActorID, _ record: (M) -> Record) {
        // It left memory: its part went with it.
        guard let entity else { return }
        let (machine, old) = entity.assumeIsolated { entity in
            entity.isUnhashed = false
            return (entity.machine, entity.hash)
        }
        let new = machine.isDormant ? .zero : hashes.hash(record(machine), of: actor)
        guard new != old else { return }
        entity.assumeIsolated { $0.hash = new }
        hashes.replace(old, by: new)
    }

    /// An entity leaves memory.
    func leave<M: Machine>(_ entity: Entity<M>?) {
        guard let entity else { return }
        hashes.replace(entity.assumeIsolated { $0.hash }, by: .zero)
    }

    /// The sum made anew from all records, whatever is kept of it.
    func recount(in format: UInt8) -> (sum: StateHash, count: Int) {
        var found = (sum: StateHash.zero, count: 0)
        var writer = WireWriter()
        for actor in all {
            var isDormant = false
            withKeeping(actor) { isDormant = $0.dormant }
            guard !isDormant, let record = record(actor) else { continue }
            found.sum += RecordHashes.hash(record, of: actor, in: format, &writer)
            found.count += 1
        }
        return found
    }
}
