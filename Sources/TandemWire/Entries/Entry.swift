package import TandemCore

/// One turn's facts: journaled together or not at all.
package struct Entry: Hashable, Sendable {
    /// In which it is written: the leader's choice, and everybody's who writes what is in it.
    package var format: UInt8
    /// Journaled time of the turn; never before the last entry's.
    package var time: Timestamp
    /// `IDMinter.last` after the turn: the identifiers given so far.
    package var minted: UInt64
    /// Under which the answer is remembered; nil: the input cannot come twice.
    package var key: CommandKey?
    package var cause: Cause
    /// What the asker was told, for whoever asks again under the same key.
    package var answer: Answer?
    /// In the order in which they were applied.
    package var events: [Event]

    package init(
        format: UInt8 = WireVersion.current, time: Timestamp, minted: UInt64, key: CommandKey? = nil, cause: Cause,
        answer: Answer? = nil, events: [Event]
    ) {
        self.format = format
        self.time = time
        self.minted = minted
        self.key = key
        self.cause = cause
        self.answer = answer
        self.events = events
    }
}

/// What makes a command the same as an earlier one.
package struct CommandKey: Hashable, Sendable {
    /// Digest of tenant, credential and idempotency key: high and low half.
    package var high: UInt64
    package var low: UInt64
    /// Digest of the command: the same key with another body is refused.
    package var body: UInt64

    package init(high: UInt64, low: UInt64, body: UInt64) {
        self.high = high
        self.low = low
        self.body = body
    }
}

/// The input that the turn answered.
package enum Cause: Hashable, Sendable {
    case command(CommandName)
    /// A deadline was due.
    case timer
    /// Offers that one turn had no room for.
    case routing
    /// No turn: a leader's first entry, or a change of who takes part. It has no events.
    case replication
    /// No turn either: what the leader's state is here. It has no events, and no node of a release before format 2 reads it.
    case mark(StateMark)

    /// As operators read it.
    package var name: String {
        switch self {
        case .command(let name): name.rawValue
        case .timer: "timer"
        case .routing: "routing"
        case .replication: "replication"
        case .mark: "mark"
        }
    }
}

extension Cause: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case command = 0, timer = 1, routing = 2, replication = 3, mark = 4
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .command(let name):
            writer.writeTag(Tag.command)
            writer.writeByte(name.code)
        case .timer: writer.writeTag(Tag.timer)
        case .routing: writer.writeTag(Tag.routing)
        case .replication: writer.writeTag(Tag.replication)
        case .mark(let mark): writer.writeCase(Tag.mark, mark)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .command:
            let code = try reader.readByte()
            guard let name = CommandName(code: code) else { throw .badTag(type: "CommandName", value: code) }
            self = .command(name)
        case .timer: self = .timer
        case .routing: self = .routing
        case .replication: self = .replication
        case .mark: self = .mark(try reader.read())
        }
    }
}

extension CommandKey: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.writeFixed(high)
        writer.writeFixed(low)
        writer.writeFixed(body)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(high: reader.readFixed64(), low: reader.readFixed64(), body: reader.readFixed64())
    }
}
