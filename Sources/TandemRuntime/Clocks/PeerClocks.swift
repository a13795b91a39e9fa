/// What a node knows of its cluster's wall clocks, and whether its own is to be believed. A value; the pulse of the node asks
/// and tells it.
///
/// A clock is how far it is ahead of this node's monotonic clock, in microseconds: that changes only when somebody sets one of
/// the two machines' clocks. What an answer says of a peer's lies between the moment of the question and that of the answer,
/// so it is an interval, and so is the median.
///
/// ```
///   unknown ── others heard ──▶ right ⇄ off
///                  │              ⇅      ▲
///                  └────────▶ disputed ──┘ decided by one more clock
/// ```
struct PeerClocks: Sendable {
    enum Standing: Equatable, Sendable {
        /// There is nothing to compare with: alone, or nobody has answered yet.
        case unknown
        case right
        /// Half of the clocks say otherwise: there are two or four that are not together, and no majority.
        case disputed
        /// Surely further from the median than a leader's may be.
        case off
    }

    struct Judgement: Equatable, Sendable {
        var standing = Standing.unknown
        /// What the wall clock shows, or would show if it were right.
        var believed: Int64
        /// The own clock against the median, positive when it is ahead; nil: there is no other.
        var offset: Int64?
        /// Half the width of what the median is known to lie in.
        var uncertainty: Int64 = 0
        /// The clocks that were compared, this one too.
        var count = 1
    }

    /// Where a clock is, surely.
    struct Interval: Equatable, Sendable {
        var low: Int64
        var high: Int64

        var middle: Int64 { low + (high - low) / 2 }

        /// All of it is near.
        func isWithin(_ distance: Int64, of place: Int64) -> Bool {
            low >= place - distance && high <= place + distance
        }
    }

    private struct Sample {
        let interval: Interval
        let taken: UInt64
    }

    /// Further from the median than this is off, in microseconds.
    static let offMicroseconds: Int64 = 500_000
    /// Within this it is right again: a clock at the limit must not move leaders to and fro.
    static let rightMicroseconds: Int64 = 400_000
    /// Answers that are kept of each peer.
    private static let samplesMax = 8
    /// A peer that has not answered for so long is not counted: its clock may have been set.
    static let freshNanoseconds: UInt64 = 5_000_000_000

    private var samples: [UInt32: [Sample]] = [:]
    private var standing = Standing.unknown
    /// The own clock when it was right last.
    private var reference: Int64?
    /// As it was believed last.
    private var believed: Int64?

    /// The other nodes are these.
    mutating func set(_ others: [UInt32]) {
        for node in samples.keys.sorted() where !others.contains(node) { samples[node] = nil }
        if others.isEmpty { standing = .unknown }
    }

    /// A peer has said what its wall clock shows.
    ///
    /// - Parameters:
    ///   - wall: in whole milliseconds since 1970, at most `ClockAnswer.wallMax`: it was less than one more.
    ///   - asked: when the question was sent, `now`: when the answer came; monotonic nanoseconds of this node.
    mutating func heard(_ node: UInt32, wall: Int64, asked: UInt64, at now: UInt64) {
        guard asked <= now, now - asked < Self.freshNanoseconds else { return }
        let interval = Interval(
            low: wall * 1_000 - Int64(now / 1_000), high: (wall + 1) * 1_000 - Int64(asked / 1_000))
        samples[node, default: []].append(Sample(interval: interval, taken: now))
        if samples[node, default: []].count > Self.samplesMax { samples[node]?.removeFirst() }
    }

    /// Where a peer's clock is: what all its latest answers have in common. One that they do not share was before it was set.
    func interval(of node: UInt32, at now: UInt64) -> Interval? {
        guard let all = samples[node], let last = all.last, now < last.taken + Self.freshNanoseconds else { return nil }
        var common = last.interval
        for sample in all.dropLast().reversed() {
            let narrower = Interval(
                low: max(common.low, sample.interval.low), high: min(common.high, sample.interval.high))
            guard narrower.low <= narrower.high else { break }
            common = narrower
        }
        return common
    }

    /// Judges the own clock.
    ///
    /// With an odd number of clocks the median is one of them. Of an even number the two in the middle may disagree, and then
    /// nothing tells which is right: the verdict stays as it was, except that a clock that was right and has been moved
    /// away from half of the others since is off. That it moved, a node sees by its own monotonic clock.
    mutating func judge(own: Int64, at now: UInt64) -> Judgement {
        let peers = samples.keys.sorted().compactMap { interval(of: $0, at: now) }
        let all = peers + [Interval(low: own, high: own)]
        let lows = all.map(\.low).sorted()
        let highs = all.map(\.high).sorted()
        let median = Interval(low: lows[(all.count - 1) / 2], high: highs[all.count / 2])
        standing = verdict(own, peers, median)
        if standing == .right { reference = own }
        let judged = belief(own, peers, median)
        believed = judged
        return Judgement(
            standing: standing, believed: judged, offset: peers.isEmpty ? nil : own - median.middle,
            uncertainty: (median.high - median.low) / 2, count: all.count)
    }

    private func verdict(_ own: Int64, _ peers: [Interval], _ median: Interval) -> Standing {
        guard !peers.isEmpty else { return standing == .off ? .off : .unknown }
        let isEven = peers.count % 2 == 1
        if isEven, median.high - median.low > Self.offMicroseconds { return dispute(own, peers) }
        if own < median.low - Self.offMicroseconds || own > median.high + Self.offMicroseconds { return .off }
        if own >= median.high - Self.rightMicroseconds, own <= median.low + Self.rightMicroseconds { return .right }
        // Between the two bounds, or not known well enough.
        switch standing {
        case .off: return .off
        case .right: return .right
        case .unknown, .disputed: return .unknown
        }
    }

    private func dispute(_ own: Int64, _ peers: [Interval]) -> Standing {
        guard let reference else { return standing == .off ? .off : .disputed }
        let stayed = peers.count { $0.isWithin(Self.offMicroseconds, of: reference) }
        let hasMoved = abs(own - reference) > Self.offMicroseconds
        if hasMoved, stayed * 2 > peers.count { return .off }
        return standing == .off && hasMoved ? .off : .disputed
    }

    /// Of two clocks between which nothing decides the earlier is believed: what is late catches up, and what has jumped ahead
    /// cannot be taken back.
    private func belief(_ own: Int64, _ peers: [Interval], _ median: Interval) -> Int64 {
        switch standing {
        case .unknown, .right: return own
        case .off:
            let isDecided = peers.count > 1 && median.high - median.low <= Self.offMicroseconds
            return isDecided ? median.middle : believed ?? own
        case .disputed:
            if let reference, abs(own - reference) <= Self.offMicroseconds { return own }
            return min(own, median.low)
        }
    }
}
