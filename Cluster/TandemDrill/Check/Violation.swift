/// Something that must not be, and what shows it.
struct Violation: Equatable, Sendable, CustomStringConvertible {
    /// What must hold; the names stand in `Docs/Drill.md`.
    enum Rule: String, CaseIterable, Sendable {
        /// What was acknowledged is there, at the place that was told.
        case nothingLost
        /// What was asked for once is there at most once.
        case nothingDoubled
        /// What was refused is not there.
        case refusedMeansAbsent
        /// Nothing is there that nobody has said, and a conversation's numbers have no gap.
        case nothingInvented
        /// What was acknowledged before something else was asked for stands before it.
        case orderKept
        /// A healthy majority refuses nothing that it has acknowledged the ground of.
        case nothingRefusedWithoutCause
        /// Sessions are told everything once, in rising positions.
        case streamsWhole
        /// A contact has one agent at most, and an agent as many contacts as he may.
        case assignmentsSound
        /// Nodes that have applied as much are in the same state.
        case digestsEqual
        /// Nodes answer alike.
        case nodesAgree
        /// The contact centre's time is the true time, as far as clocks may be apart.
        case timesTrue
        /// A promise is found broken when its time is up: not before, and soon after.
        case promisesInTime
        /// A node whose clock is off leads nothing.
        case wrongClocksLeadNothing
        /// Nodes end when they are ended, and are ready soon after they may be.
        case nodesWell
    }

    let rule: Rule
    let detail: String

    init(_ rule: Rule, _ detail: String) {
        self.rule = rule
        self.detail = detail
    }

    var description: String { "\(rule.rawValue): \(detail)" }
}
