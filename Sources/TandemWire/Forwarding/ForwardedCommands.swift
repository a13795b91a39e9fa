package import TandemCore

/// Commands of one partition that a node asks another to carry out, in the order in which they were handed in there.
///
/// A node asks in streams: one after another it sends what is not answered yet, and each says what came before it in the
/// stream, so that the receiver sees a gap. A new stream begins with the oldest that is not answered.
package struct ForwardedCommands: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        /// Rises with each command of the partition on the asking node.
        package var place: UInt64
        /// It was asked before, and what became of it is not known.
        package var mayBeDone: Bool
        /// Nodes whose process ended while they ran it, as far as the asking node can tell.
        package var failures: UInt8
        package var key: CommandKey
        package var command: Command

        package init(
            place: UInt64, mayBeDone: Bool = false, failures: UInt8 = 0, key: CommandKey, command: Command
        ) {
            self.place = place
            self.mayBeDone = mayBeDone
            self.failures = failures
            self.key = key
            self.command = command
        }
    }

    package var stream: StreamName
    /// The place of what the stream sent before these; 0: they begin it.
    package var previous: UInt64
    package var items: [Item]

    package init(stream: StreamName, previous: UInt64, items: [Item]) {
        self.stream = stream
        self.previous = previous
        self.items = items
    }
}

/// A stream of commands from one node: later ones are greater.
package struct StreamName: Hashable, Comparable, Sendable {
    /// The asking node's life, on whatever disk; later ones are greater.
    package var life: UInt64
    /// Counted in that life, from 1.
    package var number: UInt64

    package init(life: UInt64, number: UInt64) {
        self.life = life
        self.number = number
    }

    package static func < (left: Self, right: Self) -> Bool { (left.life, left.number) < (right.life, right.number) }
}

/// What became of forwarded commands: told by the one who was asked, as it becomes known.
package struct ForwardedOutcomes: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        package var place: UInt64
        package var verdict: Verdict

        package init(place: UInt64, verdict: Verdict) {
            self.place = place
            self.verdict = verdict
        }
    }

    package enum Verdict: Hashable, Sendable {
        /// Done and durable, now or before; `position` is its place in the partition's one order.
        case answered(Answer, position: Int64)
        case repeated(Answer, position: Int64)
        case refused(Refusal)
        /// Not done, but for what `mayBeDone`.
        case busy
        /// Not done; `leader` may know more, a node's identity as consensus writes it.
        case unavailable(Trouble, leader: UInt64?)
        /// It may have been done or not.
        case unknown
        /// Not done: something before it in its stream did not come, or was not done.
        case outOfOrder
    }

    package enum Trouble: UInt8, CaseIterable, Sendable {
        case notLeading = 0, stopping = 1, diskFull = 2, journalFailed = 3
    }

    package var stream: StreamName
    package var items: [Item]

    package init(stream: StreamName, items: [Item]) {
        self.stream = stream
        self.items = items
    }
}
