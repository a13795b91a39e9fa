/// The position of an entry in the log; the first is 1, and 0 stands for "before the first".
package typealias LogIndex = UInt64

/// The number of a leadership: each has at most one leader. A type of its own, so that it is not taken for an index.
package struct Term: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let value: UInt64

    package init(_ value: UInt64) { self.value = value }

    package static let zero = Term(0)

    package var next: Term { Term(value + 1) }

    package static func < (left: Term, right: Term) -> Bool { left.value < right.value }

    package var description: String { "t\(value)" }
}

/// A place in the log and the term of the entry there. Two logs that share a point share everything before it.
package struct LogPoint: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let index: LogIndex
    package let term: Term

    package init(index: LogIndex, term: Term) {
        self.index = index
        self.term = term
    }

    /// Before the first entry.
    package static let beginning = LogPoint(index: 0, term: .zero)

    /// Which of two logs that end here is less up to date: the later term wins, then the longer log (Raft, 5.4.1).
    package static func < (left: LogPoint, right: LogPoint) -> Bool {
        left.term == right.term ? left.index < right.index : left.term < right.term
    }

    package var description: String { "\(index)@\(term)" }
}
