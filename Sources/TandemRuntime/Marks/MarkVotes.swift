internal import TandemWire

/// What the members of a group say of their states at marks, and what follows from it for this one.
///
/// Who differs from the leader does not know which of the two is right; the majority of those who vote in the group does.
/// So whoever differs from anybody, or is not sound since, says what he has to everybody, and whoever hears that of a mark
/// says the same, once. Where all agree nothing is said at all.
///
/// ```
///   sound ── somebody differs, no majority is known ──▶ doubted
///     ▲ ▲──────────── a majority says the same ──────────┤
///     │                                                  │ a majority says another
///     └────────── a majority says the same ──────────── wrong
/// ```
struct MarkVotes {
    enum Verdict: Equatable, Sendable {
        /// Nothing is known against this node's state.
        case sound
        /// Others have come to something else, and there is no majority.
        case doubted
        /// A majority has come to something else.
        case wrong
    }

    /// What a verdict is about.
    struct Difference: Equatable, Sendable {
        let index: UInt64
        let own: StateHash
        /// The majority's; of the first node that differs where there is none.
        let other: StateHash
    }

    /// Marks that are remembered: who lags hears of later ones.
    static let keptMax = 8

    private struct Seen {
        let index: UInt64
        var own: StateHash?
        /// The leader's, and what others have said, by node.
        var said: [UInt32: StateHash] = [:]
        var isAsked = false
        var isTold = false
        /// Those whom a majority was against.
        var against: Set<UInt32> = []
    }

    let node: UInt32
    private(set) var verdict = Verdict.sound
    /// Nil while it is sound, and while nothing is known but that it was wrong in an earlier life.
    private(set) var difference: Difference?
    /// The last mark at which this node had what the leader had; 0: none yet.
    private(set) var agreedAt: UInt64 = 0
    /// The nodes that a majority is against, at the newest mark, or at the one before until they have been heard: those who
    /// are say so at each.
    private(set) var wrong: Set<UInt32> = []
    private var seen: [Seen] = []

    /// - Parameter isDistrusted: an earlier life was wrong, and has the same state.
    init(node: UInt32, isDistrusted: Bool = false) {
        self.node = node
        if isDistrusted { verdict = .wrong }
    }

    /// This node has applied a mark.
    ///
    /// - Parameter voters: who votes in the group; empty while that is changing.
    /// - Returns: what it has to say to all others; nil: nothing.
    mutating func apply(_ mark: SeenMark, voters: [UInt32]) -> StateHash? {
        guard let place = place(of: mark.index) else { return nil }
        seen[place].own = mark.own
        seen[place].said[mark.mark.node] = mark.mark.hash
        if mark.own == mark.mark.hash { agreedAt = mark.index }
        return judge(place, voters)
    }

    /// Another node says what it has at a mark.
    ///
    /// - Returns: as `apply`.
    mutating func hear(_ hash: StateHash, at index: UInt64, from other: UInt32, voters: [UInt32]) -> StateHash? {
        guard other != node, let place = place(of: index) else { return nil }
        seen[place].said[other] = hash
        seen[place].isAsked = true
        return judge(place, voters)
    }

    /// Nil for one that is older than those remembered.
    private mutating func place(of index: UInt64) -> Int? {
        if let place = seen.firstIndex(where: { $0.index == index }) { return place }
        seen.append(Seen(index: index))
        seen.sort { $0.index < $1.index }
        if seen.count > Self.keptMax { seen.removeFirst() }
        return seen.firstIndex { $0.index == index }
    }

    private mutating func judge(_ place: Int, _ voters: [UInt32]) -> StateHash? {
        let mark = seen[place]
        guard let own = mark.own else { return nil }
        let different = mark.said.keys.sorted().compactMap { mark.said[$0] }.first { $0 != own }
        let before = verdict
        // A verdict is of the newest state; what is heard of an older one comes too late.
        if seen.last(where: { $0.own != nil })?.index == mark.index { conclude(place, own, different, voters) }
        guard different != nil || mark.isAsked || before != .sound || verdict != .sound, !mark.isTold else {
            return nil
        }
        seen[place].isTold = true
        return own
    }

    private mutating func conclude(_ place: Int, _ own: StateHash, _ different: StateHash?, _ voters: [UInt32]) {
        let mark = seen[place]
        let said = voters.compactMap { $0 == node ? own : mark.said[$0] }
        let majority = Dictionary(grouping: said, by: \.self).first { $0.value.count > voters.count / 2 }?.key
        seen[place].against = Set(mark.said.filter { majority != nil && $0.value != majority }.keys)
        let before = seen[..<place].last { $0.own != nil }?.against ?? []
        wrong = seen[place].against.union(majority == nil ? before : before.subtracting(mark.said.keys))
        if majority == own {
            verdict = .sound
            difference = nil
        } else if let majority {
            verdict = .wrong
            difference = Difference(index: mark.index, own: own, other: majority)
        } else if let different, verdict != .wrong {
            verdict = .doubted
            difference = Difference(index: mark.index, own: own, other: different)
        }
    }
}
