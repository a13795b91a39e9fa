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
    }

    /// Whom it strikes.
    enum Aim: Equatable, Sendable {
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

    /// More than its name says, in words.
    var detail: String {
        kind == .slow ? "\(delayMilliseconds) ms and \(bytesPerSecond / 1_024) KiB/s each way" : ""
    }
}
