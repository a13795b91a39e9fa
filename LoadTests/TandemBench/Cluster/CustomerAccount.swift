/// What a customer said, who numbers his messages from 1, and how it is held against what a node has.
struct CustomerAccount: Equatable, Sendable {
    let said: Int
    /// Said, and nobody knows what became of it: it may be there once.
    let unacknowledged: Set<Int>

    /// What a node has and should not, or should have and has not.
    struct Difference: Equatable {
        /// Acknowledged and not there.
        var lost: [Int] = []
        /// There more often than it was said.
        var doubled: [Int] = []

        static func += (sum: inout Difference, other: Difference) {
            sum.lost += other.lost
            sum.doubled += other.doubled
        }
    }

    /// - Parameter found: the numbers of the messages that a node has in his conversation
    func difference(from found: [Int]) -> Difference {
        var counts: [Int: Int] = [:]
        for number in found { counts[number, default: 0] += 1 }
        var difference = Difference()
        for number in stride(from: 1, through: said, by: 1) {
            switch counts.removeValue(forKey: number) ?? 0 {
            case 0: if !unacknowledged.contains(number) { difference.lost.append(number) }
            case 1: continue
            default: difference.doubled.append(number)
            }
        }
        difference.doubled += counts.keys.sorted()
        return difference
    }
}
