import KeptForms
import TandemCore
import Testing

@testable import TandemWire

/// What each version of the format wrote, kept for good: `Tests/Compatibility`.
///
/// A test that fails here has found that journals of released versions would be misread, or that what is written for nodes
/// of the release before is not what they read.
@Suite("What earlier versions wrote")
struct CompatibilityTests {
    /// Every value that has a line, by its line's first two words, with its bytes of today in a format.
    private static func all(in format: UInt8) -> [KeptForms.Line] {
        func bytes(of value: some WireValue) -> [UInt8] {
            var writer = WireWriter()
            writer.version = format
            writer.write(value)
            return writer.bytes
        }
        var entry = Samples.entry
        entry.format = format
        return EventName.allCases.map { ("event \($0.rawValue)", EventCodec.encode(Samples.event($0), in: format)) }
            + CommandName.allCases.map {
                ("command \($0.rawValue)", CommandCodec.encode(Samples.command($0), in: format))
            }
            + CommandName.allCases.map { ("cause \($0.rawValue)", bytes(of: Cause.command($0))) }
            + [("mark", bytes(of: Samples.mark))]
            + ActorKind.allCases.map { ("record \($0)", RecordCodec.encode(Samples.record($0), in: format)) }
            + Refusal.Code.allCases.map { ("refusal \($0.rawValue)", bytes(of: Refusal($0, field: "name"))) }
            + [
                ("forwarded commands", (try? ForwardingCodec.encode(Samples.forwardedCommands, in: format)) ?? []),
                ("forwarded outcomes", (try? ForwardingCodec.encode(Samples.forwardedOutcomes, in: format)) ?? []),
            ]
            + RaftSample.all.map { ($0.name, (try? $0.encode(format)) ?? []) }
            + [("clock full", bytes(of: Samples.clock)), ("answer full", bytes(of: Samples.answer))]
            + [("entry full", (try? EntryCodec.encode(entry)) ?? [])]
    }

    @Test("Each value is still written as it was, in every format that is still written")
    func writing() throws {
        for format in KeptForms.written {
            let wrong = try KeptForms.differences("wire", format: format, today: Self.all(in: format))
            #expect(wrong.isEmpty, "format \(format)")
        }
    }

    @Test("An event of each kind is still read as it was meant", arguments: EventName.allCases)
    func events(name: EventName) throws {
        for bytes in try Self.bytes("event \(name.rawValue)") {
            #expect(try EventCodec.decode(bytes) == Self.known(Samples.event(name), in: bytes[0]))
        }
    }

    @Test("A command of each kind is still read as it was meant", arguments: CommandName.allCases)
    func commands(name: CommandName) throws {
        for bytes in try Self.bytes("command \(name.rawValue)") {
            #expect(try CommandCodec.decode(bytes) == Samples.command(name))
        }
    }

    @Test("A record of each kind is still read as it was meant", arguments: ActorKind.allCases)
    func records(kind: ActorKind) throws {
        for bytes in try Self.bytes("record \(kind)") {
            #expect(try RecordCodec.decode(kind: kind, bytes) == Samples.record(kind))
        }
    }

    @Test("An entry is still read as it was meant")
    func entry() throws {
        for bytes in try Self.bytes("entry full") {
            var meant = Samples.entry
            meant.format = bytes[0]
            meant.events = try meant.events.map { try Self.known($0, in: bytes[0]) }
            #expect(try EntryCodec.decode(bytes) == meant)
        }
    }

    @Test("What nodes ask of one another and answer is still read as it was meant")
    func forwarded() throws {
        for bytes in try Self.bytes("forwarded commands") {
            #expect(try ForwardingCodec.commands(bytes) == Samples.forwardedCommands)
        }
        for bytes in try Self.bytes("forwarded outcomes") {
            #expect(try ForwardingCodec.outcomes(bytes) == Samples.forwardedOutcomes)
        }
    }

    @Test("What a leader says of its state is still read as it was meant")
    func mark() throws {
        for bytes in try Self.bytes("mark") {
            let read = try WireReader.readAll(bytes) { reader throws(WireError) -> Cause in try reader.read() }
            #expect(read == Samples.mark)
        }
    }

    @Test("A clock with everything it may have is still read as it was meant")
    func clock() throws {
        for bytes in try Self.bytes("clock full") {
            let read = try WireReader.readAll(bytes) { reader throws(WireError) -> SLAClock in try reader.read() }
            #expect(read == Samples.clock)
        }
    }

    @Test("A value of consensus of each kind is still read as it was meant")
    func consensus() throws {
        for sample in RaftSample.all {
            for bytes in try Self.bytes(sample.name) { #expect(try sample.isRead(bytes), "\(sample.name)") }
        }
    }

    @Test("An event's number is the one in its bytes, and no other event has it", arguments: EventName.allCases)
    func eventNumbers(name: EventName) throws {
        for bytes in try Self.bytes("event \(name.rawValue)") { #expect(bytes[1] == name.code) }
        #expect(EventName(code: name.code) == name)
    }

    @Test("A command's number is the one in its causes, and no other command has it", arguments: CommandName.allCases)
    func commandNumbers(name: CommandName) throws {
        for bytes in try Self.bytes("cause \(name.rawValue)") { #expect(bytes[1] == name.code) }
        #expect(CommandName(code: name.code) == name)
    }

    /// What a format cannot say of an event is not there when it is read.
    private static func known(_ event: Event, in format: UInt8) throws -> Event {
        try EventCodec.known(event, in: max(format, WireVersion.oldest))
    }

    /// As every version wrote it that knew it.
    private static func bytes(_ name: String) throws -> [[UInt8]] {
        let lines = try KeptForms.formats.compactMap { try KeptForms.lines("wire", format: $0)[name] }
        try #require(!lines.isEmpty, "no line \(name)")
        return lines
    }
}
