import TandemCore

@testable import TandemWire

// Most tests are about values, and write them in the newest format there is.

extension EventCodec {
    static func encode(_ event: Event, textApart: Bool = false) -> [UInt8] {
        encode(event, in: WireVersion.current, textApart: textApart)
    }
}

extension CommandCodec {
    static func encode(_ command: Command) -> [UInt8] { encode(command, in: WireVersion.current) }
}

extension RecordCodec {
    static func encode(_ record: Record) -> [UInt8] { encode(record, in: WireVersion.current) }
}

extension RaftCodec {
    static func encode(_ value: some RaftValue) throws(WireError) -> [UInt8] {
        try encode(value, in: WireVersion.current)
    }
}

extension ForwardingCodec {
    static func encode(_ commands: ForwardedCommands) throws(WireError) -> [UInt8] {
        try encode(commands, in: WireVersion.current)
    }

    static func encode(_ outcomes: ForwardedOutcomes) throws(WireError) -> [UInt8] {
        try encode(outcomes, in: WireVersion.current)
    }
}
