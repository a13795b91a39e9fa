/// Who takes part: a node in one of its lives.
///
/// An identity dies with its disk. A node that was wiped comes back as the same node in its next incarnation: another
/// identity, which has promised nothing and has to be admitted anew. What was said to or by the old one is void.
package struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The node in the upper half, the incarnation in the lower: what is stored and sent.
    package let value: UInt64

    package init(value: UInt64) { self.value = value }

    package init(_ node: UInt32, incarnation: UInt32 = 0) {
        value = UInt64(node) << 32 | UInt64(incarnation)
    }

    package var node: UInt32 { UInt32(truncatingIfNeeded: value >> 32) }
    package var incarnation: UInt32 { UInt32(truncatingIfNeeded: value) }

    package static func < (left: NodeID, right: NodeID) -> Bool { left.value < right.value }

    package var description: String { incarnation == 0 ? "n\(node)" : "n\(node).\(incarnation)" }
}
