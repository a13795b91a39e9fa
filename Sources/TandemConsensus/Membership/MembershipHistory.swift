/// The memberships that the log holds, oldest first: one takes effect when it is appended, and the one before it again
/// when it is truncated.
struct MembershipHistory: Sendable, Equatable {
    private struct Mark: Sendable, Equatable {
        let index: LogIndex
        let membership: Membership
    }

    /// Never empty: the first is the membership at the log's origin.
    private var marks: [Mark]

    init(_ membership: Membership, at origin: LogIndex) {
        marks = [Mark(index: origin, membership: membership)]
    }

    /// The one in effect.
    var current: Membership { marks[marks.count - 1].membership }
    /// Where the one in effect stands in the log.
    var currentIndex: LogIndex { marks[marks.count - 1].index }

    /// The one that was in effect before, if the log still holds the entry that replaced it.
    var previous: Membership? { marks.count > 1 ? marks[marks.count - 2].membership : nil }

    mutating func append(_ membership: Membership, at index: LogIndex) {
        marks.append(Mark(index: index, membership: membership))
    }

    /// Takes back those from an index on; true if there were any.
    mutating func truncate(from index: LogIndex) -> Bool {
        let count = marks.count
        while marks.count > 1 && currentIndex >= index { marks.removeLast() }
        return marks.count < count
    }

    /// Forgets what was in effect only before an index.
    mutating func compact(to origin: LogIndex) {
        while marks.count > 1 && marks[1].index <= origin { marks.removeFirst() }
        if marks[0].index < origin { marks[0] = Mark(index: origin, membership: marks[0].membership) }
    }

    /// The one that was in effect after the entry at `index`, which must not be before the origin.
    func membership(at index: LogIndex) -> Membership {
        (marks.last { $0.index <= index } ?? marks[0]).membership
    }
}
