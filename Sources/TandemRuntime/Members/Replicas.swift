/// How many nodes vote for each partition: of three the cluster survives the loss of one, of five the loss of two. More
/// nodes hold copies, and get a vote when one is free; fewer vote as far as there are.
package enum Replicas: UInt8, Sendable, CaseIterable {
    case three = 3
    case five = 5

    /// For founders who do not say.
    init(founders: Int) { self = founders >= Self.five.count ? .five : .three }

    package var count: Int { Int(rawValue) }
}
