/// Numbers that follow from a seed.
struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 2 | 1 }

    mutating func number(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }

    mutating func coin() -> Bool { number(below: 2) == 0 }
}
