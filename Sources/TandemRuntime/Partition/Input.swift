internal import TandemCore
internal import TandemWire

/// One thing to be done: a command, a timer that is due, or routing that was left over.
struct Input: Sendable {
    enum What: Sendable {
        case command(Command, CommandKey?)
        case timer(ActorID, Timestamp)
        case routing
    }
    let what: What
    let reply: (@Sendable (Outcome) -> Void)?
    /// It broke an invariant once already.
    var retried = false
    /// Other nodes that ended while they ran it.
    var failures: UInt8 = 0

    init(_ what: What, reply: (@Sendable (Outcome) -> Void)? = nil) {
        self.what = what
        self.reply = reply
    }

    /// Sent again under its key it is answered as before, even if it changed nothing. Who asked through a node cannot
    /// send it again, and the node does so only until it is answered.
    var isRemembered: Bool {
        switch what {
        case .command(_, let key): key.map { NodeKey($0) == nil } ?? false
        case .timer, .routing: false
        }
    }
}

/// What a turn changed, as it was before: put back newest first, it undoes the turn.
struct BeforeImage {
    let actor: ActorID
    let record: Record
}
