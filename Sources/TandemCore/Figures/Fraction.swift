/// A figure as it was counted: a part of a whole, exact until it is shown.
package struct Fraction: Hashable, Sendable {
    package var part: Int64
    package var whole: Int64
    package init(_ part: Int64, of whole: Int64) {
        self.part = part
        self.whole = whole
    }

    /// In parts per 10,000, half up; nil when there is no whole.
    package var perTenThousand: Int64? { rounded(times: 10_000) }

    /// The mean of a sum over a count, half up; nil when there is no count.
    package var mean: Int64? { rounded(times: 1) }

    private func rounded(times factor: Int128) -> Int64? {
        guard whole > 0 else { return nil }
        let whole = Int128(whole)
        return Int64(clamping: (Int128(max(0, part)) * factor * 2 + whole) / (whole * 2))
    }
}
