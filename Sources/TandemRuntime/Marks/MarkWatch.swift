internal import TandemConsensus
internal import TandemJournal
internal import TandemTransport
internal import TandemWire

/// Sees to what a node's marks say of its partitions: asks the others about a difference, tells operators, keeps a node
/// whose state is wrong from leading and from answering, and has the next start fetch that state anew (decision 20).
///
/// Belongs to the consensus loop; `seen` and `standing` may be called from any thread.
// Safe: `board` is under `lock`; the rest is set before anything happens, or touched on the loop only.
final class MarkWatch: @unchecked Sendable {
    typealias Send = (_ partition: UInt16, _ bytes: [UInt8], _ node: UInt32) -> Void

    private let journal: any EntryLog
    private let loop: EventLoop
    private let tell: @Sendable (UInt16, String) -> Void
    /// Why the states of partitions were not to be believed when this life began.
    private let distrusted: [UInt16: String]
    private let lock = Lock()
    private var board: [MarkStanding]
    private var votes: [MarkVotes]
    private var replicas: [Replica] = []
    private var partitions: [Partition] = []
    private var send: Send = { _, _, _ in }

    /// - Parameter distrusted: partitions whose states were wrong before and are the same still, with what was said of them.
    init(
        node: UInt32, partitions: Int, _ distrusted: [UInt16: String], _ journal: any EntryLog, loop: EventLoop,
        tell: @escaping @Sendable (UInt16, String) -> Void
    ) {
        self.journal = journal
        self.loop = loop
        self.tell = tell
        self.distrusted = distrusted
        let votes = (0..<UInt16(partitions)).map { MarkVotes(node: node, isDistrusted: distrusted[$0] != nil) }
        self.votes = votes
        board = votes.enumerated().map { MarkStanding($1, before: distrusted[UInt16($0)], advice: "") }
    }

    /// Before anything is seen or heard.
    func start(_ partitions: [Partition], _ replicas: [Replica], send: @escaping Send) {
        self.partitions = partitions
        self.replicas = replicas
        self.send = send
        for (partition, why) in distrusted.sorted(by: { $0.key < $1.key }) {
            replicas[Int(partition)].judge(.wrong)
            partitions[Int(partition)].run { $0.distrust(why) }
        }
    }

    /// Lets go of the partitions, which hold it; when the loop has ended.
    func stop() {
        partitions = []
        replicas = []
        send = { _, _, _ in }
    }

    /// How a partition's state compares with others'.
    func standing(of partition: UInt16) -> MarkStanding { lock.withLock { board[Int(partition)] } }

    /// A majority says that a node's state of a partition is wrong, as far as is heard here. On the loop.
    func isWrong(_ node: UInt32, in partition: UInt16) -> Bool {
        // The cluster's own group has no records.
        Int(partition) < votes.count && votes[Int(partition)].wrong.contains(node)
    }

    /// A partition has applied a mark; on its executor.
    func seen(_ mark: SeenMark, of partition: UInt16) {
        loop.run { [self] in
            guard Int(partition) < replicas.count else { return }
            let (membership, before) = (replicas[Int(partition)].membership, votes[Int(partition)].verdict)
            let own = votes[Int(partition)].apply(mark, voters: Self.voters(membership))
            spread(own, at: mark.index, of: partition, membership)
            settle(partition, before)
            // What was said of an earlier state, which is not this one.
            if mark.own == mark.mark.hash, mark.mark.node != votes[Int(partition)].node,
                votes[Int(partition)].verdict == .sound, journal.meta(Self.distrustKey(partition)) != nil
            {
                journal.submit(.meta(key: Self.distrustKey(partition), value: nil)) { _ in }
            }
        }
    }

    /// A letter of another node; false if its bytes are none. On the loop.
    func heard(_ bytes: [UInt8], of partition: UInt16, from node: UInt32) -> Bool {
        guard Int(partition) < votes.count, let letter = try? MarkLetter(decoding: bytes) else { return false }
        let (membership, before) = (replicas[Int(partition)].membership, votes[Int(partition)].verdict)
        let own = votes[Int(partition)].hear(
            letter.hash, at: letter.index, from: node, voters: Self.voters(membership))
        spread(own, at: letter.index, of: partition, membership)
        settle(partition, before)
        return true
    }

    private static func voters(_ membership: Membership) -> [UInt32] {
        membership.isJoint ? [] : membership.voters.map(\.node)
    }

    private func spread(_ own: StateHash?, at index: UInt64, of partition: UInt16, _ membership: Membership) {
        guard let own else { return }
        let bytes = MarkLetter(index: index, hash: own).bytes
        for member in membership.everyone where member.node != votes[Int(partition)].node {
            send(partition, bytes, member.node)
        }
    }

    private func settle(_ partition: UInt16, _ before: MarkVotes.Verdict) {
        let votes = votes[Int(partition)]
        let standing = MarkStanding(votes, before: distrusted[partition], advice: advice(for: partition))
        lock.withLock { board[Int(partition)] = standing }
        guard votes.verdict != before else { return }
        let replica = replicas[Int(partition)]
        let trouble = standing.trouble
        switch votes.verdict {
        case .sound:
            replica.judge(.sound)
            tell(partition, "its state is what a majority has")
        case .doubted: replica.judge(.doubted)
        case .wrong:
            replica.judge(.wrong)
            // Else it is wrong still after the next start, and that is found out anew.
            journal.submit(.meta(key: Self.distrustKey(partition), value: trouble)) { _ in }
        }
        if before == .wrong { journal.submit(.meta(key: Self.distrustKey(partition), value: nil)) { _ in } }
        partitions[Int(partition)].run { $0.distrust(votes.verdict == .wrong ? trouble : nil) }
        if let trouble { tell(partition, trouble) }
    }

    /// What mends a wrong state.
    private func advice(for partition: UInt16) -> String {
        journal.hasEverything(of: partition)
            ? "restart it, and it makes that state anew from its journal"
            : "its journal does not begin with the first entry: when the others have everything, replace it (tandem node "
                + "replace), and keep its directory until that is done"
    }

    /// The journal's word that a partition's state is not to be trusted at the next start, and why.
    static func distrustKey(_ partition: UInt16) -> String { "distrust.\(partition)" }
}

/// How a node's state of a partition compares with others'.
package struct MarkStanding: Sendable, Equatable {
    /// The last mark at which it was what the leader had; 0: none yet in this life.
    package private(set) var agreedAt: UInt64 = 0
    /// Others differ from it, and no majority says which is right; or a majority says that it is wrong.
    package private(set) var isDifferent = false
    /// The same in words.
    package private(set) var trouble: String?

    /// - Parameters:
    ///   - before: what an earlier life said of the same state.
    ///   - advice: what mends a wrong one.
    init(_ votes: MarkVotes, before: String?, advice: String) {
        agreedAt = votes.agreedAt
        isDifferent = votes.verdict != .sound
        guard let difference = votes.difference else {
            trouble = isDifferent ? before : nil
            return
        }
        let what =
            "its state differs from others' at entry \(difference.index) (\(difference.own.text) here, "
            + "\(difference.other.text) there)"
        switch votes.verdict {
        case .sound: break
        case .doubted: trouble = "\(what), and no majority says which of them is right"
        case .wrong:
            trouble =
                "\(what), and a majority is against it: this node neither leads it nor answers for it; \(advice)"
        }
    }
}

/// What one node tells another of its state at a mark, as bytes of fixed length.
struct MarkLetter: Equatable, Sendable {
    let index: UInt64
    let hash: StateHash

    init(index: UInt64, hash: StateHash) {
        self.index = index
        self.hash = hash
    }

    init(decoding bytes: [UInt8]) throws(WireError) {
        self = try WireReader.readAll(bytes) { reader throws(WireError) in
            MarkLetter(index: try reader.readFixed64(), hash: try reader.read())
        }
    }

    var bytes: [UInt8] {
        var writer = WireWriter()
        writer.writeFixed(index)
        writer.write(hash)
        return writer.bytes
    }
}
