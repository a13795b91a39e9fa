/// What the records of a partition come to: the sum of a hash of each, in halves that wrap around, so that records may be
/// taken out and put in, in any order.
package struct StateHash: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package static let zero = StateHash(high: 0, low: 0)

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func += (left: inout Self, right: Self) {
        left.high &+= right.high
        left.low &+= right.low
    }

    package static func -= (left: inout Self, right: Self) {
        left.high &-= right.high
        left.low &-= right.low
    }

    /// The first 16 of its hexadecimal digits.
    package var text: String {
        HexadecimalText.encode((0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * $0)) })
    }
}

/// What a leader says of its state, in an entry of its own: everybody who has applied all before that entry has to come to
/// the same (decision 20).
package struct StateMark: Hashable, Sendable {
    /// The format of the first release whose nodes know of marks.
    package static let since = WireVersion.second

    /// The node that led.
    package var node: UInt32
    /// Of the records as they are in front of the entry, and behind it: it changes none.
    package var hash: StateHash

    package init(node: UInt32, hash: StateHash) {
        self.node = node
        self.hash = hash
    }
}

extension StateHash: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.writeFixed(high)
        writer.writeFixed(low)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(high: reader.readFixed64(), low: reader.readFixed64())
    }
}

extension StateMark: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(node)
        writer.write(hash)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(node: reader.read(), hash: reader.read())
    }
}
