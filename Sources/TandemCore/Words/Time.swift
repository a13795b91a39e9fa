/// A moment of journaled time: milliseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    @inlinable
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    @inlinable
    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
    /// Saturates: a decodable event may hold any number, and adding to it never traps.
    @inlinable
    package static func + (left: Self, right: Milliseconds) -> Self {
        Timestamp(milliseconds: left.milliseconds.addingSaturated(right.count))
    }
    @inlinable
    package static func - (left: Self, right: Self) -> Milliseconds {
        Milliseconds(left.milliseconds.subtractingSaturated(right.milliseconds))
    }

    package static let distantFuture = Timestamp(milliseconds: .max)
}

/// A length of time in milliseconds.
package struct Milliseconds: Hashable, Comparable, Sendable {
    package let count: Int64

    @inlinable
    package init(_ count: Int64) {
        self.count = count
    }

    @inlinable
    package static func < (left: Self, right: Self) -> Bool { left.count < right.count }
    @inlinable
    package static func + (left: Self, right: Self) -> Self { Self(left.count.addingSaturated(right.count)) }
    @inlinable
    package static func - (left: Self, right: Self) -> Self { Self(left.count.subtractingSaturated(right.count)) }

    package static let zero = Milliseconds(0)
    package static func seconds(_ count: Int64) -> Self { Self(count.multipliedSaturated(by: 1_000)) }
    package static func minutes(_ count: Int64) -> Self { Self(count.multipliedSaturated(by: 60_000)) }
    package static func hours(_ count: Int64) -> Self { Self(count.multipliedSaturated(by: 3_600_000)) }
}

extension Int64 {
    @inlinable
    package func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max ^ (other >> 63) : sum
    }
    @inlinable
    package func subtractingSaturated(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? .min ^ (other >> 63) : difference
    }
    @inlinable
    package func multipliedSaturated(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max ^ ((self ^ other) >> 63) : product
    }
}
