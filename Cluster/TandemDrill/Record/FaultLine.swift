/// A fault as it was injected.
struct FaultLine: Equatable, Sendable {
    let name: String
    /// The nodes it struck.
    let victims: [Int]
    /// What the victims led at that moment.
    let partitions: [Int]
    /// When it began, when it was healed, and when every node was ready again; 0: not yet. Monotonic nanoseconds.
    let began: UInt64
    var healed: UInt64 = 0
    var ready: UInt64 = 0
    /// For a clock that was set too far off: what its node still led a while later.
    var stillLed: [Int] = []
    /// More, in words.
    var detail = ""
}
