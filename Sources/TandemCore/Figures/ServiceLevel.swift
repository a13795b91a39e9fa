/// The formulas of service level in use, each shown with its name; X is the answer target.
package enum ServiceLevel: String, CaseIterable, Sendable {
    /// Answered ≤ X ÷ offered.
    case a = "SL-A"
    /// Answered ≤ X ÷ (offered − short abandons).
    case b = "SL-B"
    /// Answered ≤ X ÷ (answered + abandoned after X).
    case c = "SL-C"
    /// (Answered ≤ X + abandoned ≤ X) ÷ offered.
    case d = "SL-D"
    /// Answered ≤ X ÷ answered.
    case e = "SL-E"

    package func level(of counts: AnswerCounts) -> Fraction {
        let inTarget = counts.answeredInTarget
        switch self {
        case .a: return Fraction(inTarget, of: counts.offered)
        case .b: return Fraction(inTarget, of: counts.offered.subtractingSaturated(counts.shortAbandoned))
        case .c:
            let late = counts.abandoned.subtractingSaturated(counts.abandonedInTarget)
            return Fraction(inTarget, of: counts.answered.addingSaturated(late))
        case .d: return Fraction(inTarget.addingSaturated(counts.abandonedInTarget), of: counts.offered)
        case .e: return Fraction(inTarget, of: counts.answered)
        }
    }
}
