internal import TandemConsensus

/// The only chance of a run: numbers that follow from its seed.
struct Dice {
    private var chance: Chance

    init(seed: UInt64) { chance = Chance(seed: seed) }

    mutating func next() -> UInt64 { chance.next() }

    /// A number below `bound`, which must be positive.
    mutating func number(below bound: Int) -> Int { chance.number(below: bound) }

    mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + number(below: range.upperBound - range.lowerBound + 1)
    }

    /// True so many times in a thousand.
    mutating func falls(_ permille: Int) -> Bool { number(below: 1_000) < permille }

    mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[number(below: elements.count)]
    }

    /// Another sequence, so that drawing more in one place moves nothing elsewhere.
    mutating func split() -> Dice { Dice(seed: next()) }
}
