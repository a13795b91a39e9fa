internal import TandemConsensus
internal import TandemCore
internal import TandemJournal
internal import TandemWire

/// What the nodes of a cluster agree on about the cluster: a group of its own, whose every entry is the whole new state.
/// It is small and changes rarely: its log is never cut.
///
/// ```
/// following ── lead ──▶ leading ── retire ──▶ retiring ── settled ──▶ following
///      ▲───── depose ─────┘ one entry at a time, the rest waits
/// ```
/// Works on the consensus loop; `Replicated` may be called from any thread.
// Safe: touched on the loop only, but for `log`, which is set once before anything happens.
final class SystemPartition: Replicated, @unchecked Sendable {
    private enum Phase {
        case following
        case leading(term: UInt64)
        case retiring(term: UInt64, @Sendable () -> Void)
    }

    private struct Waiting {
        let request: ClusterRequest
        let answer: @Sendable (ClusterAnswer) -> Void
    }

    /// Requests that wait; one more is told that nobody leads, and comes again.
    private static let waitingMax = 64

    private let number: UInt16
    private let loop: any PartitionExecutor
    private let tell: @Sendable (String) -> Void
    private let isHere: (UInt32) -> Bool
    private let changed: (ClusterState) -> Void
    private var log: (any PartitionLog)?
    private var phase = Phase.following
    /// The committed one; before the log says anything, what is remembered or what the founders are.
    private(set) var state: ClusterState
    private var isAgreed = false
    private var applied: UInt64 = 0
    private var isBroken = false
    private var proposed: (state: ClusterState, waiting: Waiting?)?
    private var waiting: [Waiting] = []

    /// - Parameters:
    ///   - state: until the log says otherwise; what its first leader writes.
    ///   - isHere: whether a node is connected, or this one.
    ///   - changed: called with each committed state, on the loop.
    init(
        _ number: UInt16, loop: any PartitionExecutor, state: ClusterState, tell: @escaping @Sendable (String) -> Void,
        isHere: @escaping (UInt32) -> Bool, changed: @escaping (ClusterState) -> Void
    ) {
        self.number = number
        self.loop = loop
        self.state = state
        self.tell = tell
        self.isHere = isHere
        self.changed = changed
    }

    /// Before anything happens.
    func write(to log: any PartitionLog) { self.log = log }

    /// On the loop. `answer` is called once, unless the node ends.
    func take(_ request: ClusterRequest, answer: @escaping @Sendable (ClusterAnswer) -> Void) {
        guard case .leading = phase, waiting.count < Self.waitingMax else { return answer(.notLeading) }
        waiting.append(Waiting(request: request, answer: answer))
        proceed()
    }

    // MARK: As what is replicated

    func follow(_ entries: [FollowedEntry], done: @escaping @Sendable (UInt64) -> Void) {
        loop.run { [self] in
            for entry in entries where entry.index > applied && !isBroken {
                if let bytes = entry.bytes { take(bytes, of: entry.index) }
                if !isBroken { applied = entry.index }
            }
            done(applied)
        }
    }

    func lead(term: UInt64, after opening: UInt64) {
        loop.run { [self] in
            guard !isBroken else { return }
            phase = .leading(term: term)
            proceed()
        }
    }

    func depose(_ trouble: Unavailable?) {
        loop.run { [self] in
            phase = .following
            if let waiting = proposed?.waiting { waiting.answer(.notLeading) }
            proposed = nil
            turnAway()
        }
    }

    func retire(_ done: @escaping @Sendable () -> Void) {
        loop.run { [self] in
            guard case .leading(let term) = phase else { return done() }
            phase = .retiring(term: term, done)
            settle()
        }
    }

    /// Its log is never cut, so nobody has reason to send it a snapshot; it could not be taken up.
    func install(_ image: StateImage, done: @escaping @Sendable () -> Void) {
        loop.run { [self] in isBroken = true }
    }

    // MARK: Deciding

    private func proceed() {
        // The first leader writes what its founders are.
        if !isAgreed, proposed == nil, case .leading(let term) = phase { propose(state, nil, term) }
        while proposed == nil, case .leading(let term) = phase, !waiting.isEmpty {
            let next = waiting.removeFirst()
            do throws(ClusterRefusal) {
                let new = try state.changed(by: next.request, isHere: isHere)
                if new == state { next.answer(.done(state)) } else { propose(new, next, term) }
            } catch {
                next.answer(.refused(error))
            }
        }
    }

    private func propose(_ new: ClusterState, _ waiting: Waiting?, _ term: UInt64) {
        proposed = (new, waiting)
        let entry = JournalEntry(
            partition: number, index: applied + 1, term: term, time: 0, bytes: ClusterCodec.encode(new))
        log?.append([entry]) { [self] range, result in
            loop.run { self.appended(range.upperBound, term, result) }
        }
    }

    private func appended(_ index: UInt64, _ term: UInt64, _ result: Result<Void, NotCommitted>) {
        guard let proposed, index == applied + 1 else { return }
        switch phase {
        case .following: return  // Deposed: what became of it comes as an entry, or never.
        case .leading(term), .retiring(term, _): break
        case .leading, .retiring: return
        }
        self.proposed = nil
        switch result {
        case .success:
            applied = index
            take(proposed.state)
            proposed.waiting?.answer(.done(proposed.state))
            settle()
            proceed()
        case .failure:
            proposed.waiting?.answer(.notLeading)
            turnAway()
            settle()
        }
    }

    private func turnAway() {
        let lost = waiting
        waiting = []
        for one in lost { one.answer(.notLeading) }
    }

    private func settle() {
        guard proposed == nil, case .retiring(_, let done) = phase else { return }
        phase = .following
        turnAway()
        done()
    }

    // MARK: What is agreed on

    private func take(_ bytes: [UInt8], of index: UInt64) {
        do throws(WireError) {
            take(try ClusterCodec.decodeState(bytes))
        } catch {
            isBroken = true
            let remedy = if case .unknownVersion = error { "; start it with a newer build" } else { "" }
            tell(
                "entry \(index) of the system partition cannot be read (\(error)): this node knows of no later change"
                    + remedy)
            log?.withdraw()
        }
    }

    private func take(_ new: ClusterState) {
        isAgreed = true
        state = new
        changed(new)
    }
}
