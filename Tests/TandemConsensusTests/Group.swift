@testable import TandemConsensus

/// A few nodes and everything between them, moved by hand: who ticks, whose disk answers, which messages arrive.
///
/// What is said is written down, so that a test can be read as a story.
final class Group {
    struct Journal {
        var ballot = Ballot()
        var origin: LogPoint = .beginning
        var entries: [LogEntry] = []
        var owed: OwedEntries?
    }

    var nodes: [NodeID: Raft] = [:]
    var journals: [NodeID: Journal] = [:]
    var applied: [NodeID: [LogEntry]] = [:]
    var reads: [NodeID: [ReadAnswer]] = [:]
    var alarms: [NodeID: [RaftAlarm]] = [:]
    var tasks: [NodeID: [SnapshotTask]] = [:]
    var fetches: [NodeID: [LogFetch]] = [:]
    /// Writes that were handed out and are not durable yet.
    var writes: [NodeID: [RaftWrite]] = [:]
    /// Nodes whose disks answer only when told to.
    var slowDisks: Set<NodeID> = []
    /// Messages under way.
    var messages: [RaftMessage] = []
    /// Messages that vanish.
    var isLost: (RaftMessage) -> Bool = { _ in false }
    /// What becomes of messages on the way.
    var changed: (RaftMessage) -> RaftMessage = { $0 }
    var story: [String] = []
    var limits = RaftLimits()
    let founders: Membership

    init(_ voters: [UInt32], learners: [UInt32] = [], limits: RaftLimits = RaftLimits()) {
        self.limits = limits
        founders = Membership(voters: voters.map { NodeID($0) }, learners: learners.map { NodeID($0) })
        for id in founders.everyone { start(id) }
    }

    subscript(_ node: UInt32) -> Raft {
        get { nodes[NodeID(node)] ?? Raft(id: NodeID(node), recovery: recovery(NodeID(node)), limits: limits, seed: 1) }
        set { nodes[NodeID(node)] = newValue }
    }

    private func recovery(_ id: NodeID) -> RaftRecovery {
        let journal = journals[id] ?? Journal()
        let membership = founders.contains(id) ? founders : .none
        var recovery = RaftRecovery(
            ballot: journal.ballot, origin: journal.origin, membership: membership, state: journal.origin,
            stateMembership: membership, owed: journal.owed, limits: limits)
        for entry in journal.entries { recovery.add(entry) }
        return recovery
    }

    /// Starts a node with what its journal holds; what it had handed out to be written is gone.
    func start(_ id: NodeID) {
        writes[id] = []
        applied[id] = []
        nodes[id] = Raft(id: id, recovery: recovery(id), limits: limits, seed: id.value ^ 0x5EED)
        if journals[id] == nil { journals[id] = Journal() }
    }

    func restart(_ node: UInt32) {
        story.append("n\(node) restarts")
        messages.removeAll { $0.to == NodeID(node) }
        start(NodeID(node))
    }

    /// A node finds that an entry of its journal is damaged, and starts without it and all behind it.
    func rot(_ node: UInt32, from index: LogIndex) {
        story.append("n\(node) finds entry \(index) damaged")
        let id = NodeID(node)
        guard var journal = journals[id], let last = journal.entries.last?.point else { return }
        journal.owed = OwedEntries(last: last, term: journal.ballot.term)
        journal.entries.removeAll { $0.index >= index }
        journals[id] = journal
        messages.removeAll { $0.to == id }
        start(id)
    }

    /// Gives a node a log as it might be, before anything happens.
    func hold(_ node: UInt32, terms: [UInt64], ballot: Ballot) {
        var journal = Journal(ballot: ballot)
        for (offset, term) in terms.enumerated() {
            journal.entries.append(
                LogEntry(index: LogIndex(offset + 1), term: Term(term), content: .command([UInt8(term)])))
        }
        journals[NodeID(node)] = journal
        start(NodeID(node))
    }

    // MARK: Moving

    func tick(_ node: UInt32, times: Int = 1) {
        for _ in 0..<times {
            self[node].tick()
            work(NodeID(node))
        }
    }

    /// Ticks a node until it asks for votes.
    func timeOut(_ node: UInt32) {
        for _ in 0..<(2 * limits.electionTicks) {
            tick(node)
            if messages.contains(where: { $0.from == NodeID(node) && $0.isCandidacy }) || self[node].isLeader { return }
        }
    }

    /// Does what a node says is to be done, apart from delivering.
    func work(_ id: NodeID) {
        while let ready = nodes[id]?.ready() {
            messages += ready.messages.filter { !isLost($0) }.map(changed)
            story += ready.messages.map { $0.description + (isLost($0) ? " (lost)" : "") }
            reads[id, default: []] += ready.reads
            alarms[id, default: []] += ready.alarms
            tasks[id, default: []] += ready.snapshots
            fetches[id, default: []] += ready.fetches
            if ready.isSettled { journals[id]?.owed = nil }
            if !ready.apply.isEmpty {
                applied[id, default: []] += ready.apply
                nodes[id]?.applied(upTo: ready.apply[ready.apply.count - 1].index)
            }
            if let write = ready.write {
                writes[id, default: []].append(write)
                if !slowDisks.contains(id) { persist(id) }
            }
        }
    }

    /// The disk of a node finishes the oldest of its writes, or all.
    func persist(_ id: NodeID, count: Int = .max) {
        for write in (writes[id] ?? []).prefix(count) {
            var journal = journals[id] ?? Journal()
            if let point = write.restart {
                journal.origin = point
                journal.entries = []
            }
            if let index = write.truncation { journal.entries.removeAll { $0.index >= index } }
            if let ballot = write.ballot { journal.ballot = ballot }
            journal.entries += write.entries
            journals[id] = journal
            writes[id]?.removeFirst()
            nodes[id]?.persisted(write.number)
        }
        work(id)
    }

    /// Delivers messages, and what they lead to, until there are none.
    func settle() {
        var count = 0
        for id in nodes.keys.sorted() { work(id) }
        while !messages.isEmpty && count < 10_000 {
            deliver()
            count += 1
        }
    }

    /// Delivers the first message, or the first that is meant.
    func deliver(where isMeant: (RaftMessage) -> Bool = { _ in true }) {
        guard let position = messages.firstIndex(where: isMeant) else { return }
        let message = messages.remove(at: position)
        nodes[message.to]?.step(message)
        work(message.to)
    }

    func send(_ body: RaftMessage.Body, from: UInt32, to: UInt32, term: UInt64) {
        let message = RaftMessage(from: NodeID(from), to: NodeID(to), term: Term(term), body: body)
        story.append(message.description)
        self[to].step(message)
        work(NodeID(to))
    }

    /// Makes a node leader: it times out, everything arrives.
    func elect(_ node: UInt32) {
        for id in nodes.keys where id != NodeID(node) {
            if case .follower(let leader?) = nodes[id]?.status.standing { nodes[id]?.peerLost(leader) }
        }
        timeOut(node)
        settle()
    }

    @discardableResult
    func propose(_ text: String, at node: UInt32) throws -> LogPoint {
        let point = try self[node].propose(Array(text.utf8))
        work(NodeID(node))
        return point
    }

    // MARK: Looking

    /// The commands a node has applied.
    func said(_ node: UInt32) -> [String] {
        (applied[NodeID(node)] ?? []).compactMap {
            if case .command(let bytes) = $0.content { String(decoding: bytes, as: UTF8.self) } else { nil }
        }
    }

    /// The terms of a node's log.
    func terms(_ node: UInt32) -> [UInt64] {
        let raft = self[node]
        let first = raft.status.origin.index + 1
        guard first <= raft.last.index else { return [] }
        return (first...raft.last.index).compactMap { raft.term(at: $0)?.value }
    }

    /// Cuts a node off, both ways.
    func isolate(_ isolated: UInt32...) {
        let ids = isolated.map { NodeID($0) }
        isLost = { ids.contains($0.from) != ids.contains($0.to) }
        messages.removeAll(where: isLost)
    }

    func heal() { isLost = { _ in false } }
}

extension RaftMessage {
    var isCandidacy: Bool {
        switch body {
        case .preVoteRequest, .voteRequest: true
        case .preVoteReply, .voteReply, .append, .appendReply, .heartbeat, .heartbeatReply, .snapshot, .snapshotReply,
            .campaignNow, .readRequest, .readReply, .outdated, .removed:
            false
        }
    }

    var isAppend: Bool { if case .append = body { true } else { false } }
    var isVoteRequest: Bool { if case .voteRequest = body { true } else { false } }
    var isGrantedVote: Bool { if case .voteReply(isGranted: true) = body { true } else { false } }
    var isAcceptance: Bool { if case .appendReply(.accepted) = body { true } else { false } }
}
