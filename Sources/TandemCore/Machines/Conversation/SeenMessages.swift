/// The newest messages of a conversation by the marks of their senders' ids, oldest first: what comes again is recognised.
///
/// In pieces: a turn keeps a conversation as it was, so each message would copy all marks if they lay in one. How they are
/// cut follows from how many there are, so equal lists are equal values.
package struct SeenMessages: Hashable, Sendable {
    /// A sender's message id that has been seen, and the number its message got.
    package struct Mark: Hashable, Sendable {
        package var high: UInt64
        package var low: UInt64
        package var sequence: UInt64
        package init(high: UInt64, low: UInt64, sequence: UInt64) {
            self.high = high
            self.low = low
            self.sequence = sequence
        }
    }

    /// Full, with a bit of 256 for each of its marks: most pieces that lack a mark say so without being looked through.
    private struct Piece: Hashable {
        let marks: [Mark]
        private let bits: SIMD4<UInt64>

        init(_ marks: [Mark]) {
            self.marks = marks
            bits = marks.reduce(into: SIMD4()) { $0[Self.word($1.low)] |= Self.bit($1.low) }
        }

        func mayHold(low: UInt64) -> Bool { bits[Self.word(low)] & Self.bit(low) != 0 }

        private static func word(_ low: UInt64) -> Int { Int(low >> 6 & 3) }
        private static func bit(_ low: UInt64) -> UInt64 { 1 << (low & 63) }
    }

    private static let pieceCount = 32

    /// Of `pieceCount` each.
    private var pieces: [Piece] = []
    /// Fewer than `pieceCount`.
    private var newest: [Mark] = []

    package init(_ marks: some Sequence<Mark>) {
        for mark in marks { add(mark) }
    }

    package var count: Int { pieces.count * Self.pieceCount + newest.count }

    /// Oldest first.
    package var marks: [Mark] { pieces.flatMap(\.marks) + newest }

    /// The number of the message that came last under this mark.
    func sequence(high: UInt64, low: UInt64) -> UInt64? {
        func isIt(_ mark: Mark) -> Bool { mark.low == low && mark.high == high }
        if let mark = newest.last(where: isIt) { return mark.sequence }
        for place in pieces.indices.reversed() where pieces[place].mayHold(low: low) {
            if let mark = pieces[place].marks.last(where: isIt) { return mark.sequence }
        }
        return nil
    }

    /// Remembers a mark. Over `max`, a whole piece of the oldest is forgotten.
    mutating func append(_ mark: Mark, max: Int) {
        if count >= max, !pieces.isEmpty { pieces.removeFirst() }
        add(mark)
    }

    /// Forgets all but the newest.
    mutating func keep(newest count: Int) {
        if self.count > count { self = SeenMessages(marks.suffix(count)) }
    }

    private mutating func add(_ mark: Mark) {
        newest.append(mark)
        guard newest.count == Self.pieceCount else { return }
        pieces.append(Piece(newest))
        newest = []
    }
}

extension SeenMessages: ExpressibleByArrayLiteral {
    package init(arrayLiteral marks: Mark...) { self.init(marks) }
}
