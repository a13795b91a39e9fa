/// One way to break a cluster, and for how long.
struct Fault: Equatable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// SIGKILL, as a power cut for the process; started again after the time.
        case kill
        /// SIGSTOP, then SIGCONT.
        case pause
        /// Nothing passes between the victim and the others, either way.
        case cut
        /// As `cut`, and connections are reset instead of falling silent.
        case reset
        /// What the victim says reaches nobody; it hears all.
        case mute
        /// What others say does not reach the victim; they hear it.
        case deafen
        /// All wires of the victim have a delay and a bandwidth.
        case slow
        /// The victim's disk is full.
        case fillDisk
        /// SIGTERM, then started again at once.
        case restart
        /// What the victim leads is handed to another node, by an operator; nothing is out of order.
        case transfer
        /// SIGKILL and an empty disk; the node comes back in a new life.
        case replace
        /// The victim's wall clock is set forward or back, and right again; no other clock is touched.
        case stepClock
    }

    /// Whom it strikes.
    enum Aim: Hashable, Sendable {
        /// Whoever leads the partition at that moment.
        case leader(of: Int)
        case node(Int)
    }

    let kind: Kind
    let aims: [Aim]
    /// How long it lasts.
    let milliseconds: Int
    /// How long all is well before it.
    let restMilliseconds: Int
    /// For `slow`: each way.
    var delayMilliseconds = 0
    var bytesPerSecond = 0
    /// For `transfer`: so many nodes on from who leads, and all that he leads or the partition that is aimed at.
    var offset = 0
    var isWhole = false
    /// For `stepClock`: how far forward.
    var stepMilliseconds = 0
    /// For `stepClock`: the victim is killed and started again with its clock as it is then.
    var isRestarted = false

    /// A clock so far off keeps its node from leading, whatever it was off before.
    var isClockOff: Bool { kind == .stepClock && abs(stepMilliseconds) >= 1_000 }

    /// More than its name says, in words.
    var detail: String {
        switch kind {
        case .slow: "\(delayMilliseconds) ms and \(bytesPerSecond / 1_024) KiB/s each way"
        case .stepClock:
            "\(stepMilliseconds > 0 ? "+" : "-")\(Double(abs(stepMilliseconds)) / 1_000) s"
                + (isRestarted ? ", killed and started" : "")
        case .transfer: isWhole ? "all that it leads" : "one partition"
        case .kill, .pause, .cut, .reset, .mute, .deafen, .fillDisk, .restart, .replace: ""
        }
    }
}
