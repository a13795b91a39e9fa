import TandemCore
import Testing

@testable import TandemWire

/// What each version of the format wrote, kept for ever in `Fixtures/`: one `kind name hex` a line.
///
/// A test that fails here has found that journals of released versions would be misread. The lines of the last version
/// are only ever added to, by hand: the test prints the line that is missing; those of the others stay as they are.
@Suite("What earlier versions wrote")
struct CompatibilityTests {
    private static let kept = [lines(of: Version1.lines), lines(of: Version2.lines)]

    private static func lines(of text: String) -> [String: String] {
        let pairs = text.split(separator: "\n").map { line -> (String, String) in
            let words = line.split(separator: " ").map(String.init)
            return words.count == 3 ? ("\(words[0]) \(words[1])", words[2]) : (String(line), "malformed")
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first + " twice" })
    }

    /// Every value that has a line, by its line's first two words, with its bytes of today.
    private static let all: [(String, [UInt8])] =
        EventName.allCases.map { ("event \($0.rawValue)", EventCodec.encode(Samples.event($0))) }
        + CommandName.allCases.map { ("command \($0.rawValue)", CommandCodec.encode(Samples.command($0))) }
        + CommandName.allCases.map { ("cause \($0.rawValue)", bytes(of: Cause.command($0))) }
        + ActorKind.allCases.map { ("record \($0)", RecordCodec.encode(Samples.record($0))) }
        + Refusal.Code.allCases.map { ("refusal \($0.rawValue)", bytes(of: Refusal($0, field: "name"))) }
        + [
            ("forwarded commands", (try? ForwardingCodec.encode(Samples.forwardedCommands)) ?? []),
            ("forwarded outcomes", (try? ForwardingCodec.encode(Samples.forwardedOutcomes)) ?? []),
        ]
        + RaftSample.all.map { ($0.name, (try? $0.encode()) ?? []) }
        + [("clock full", bytes(of: Samples.clock))]
        + [("answer full", bytes(of: Samples.answer)), ("entry full", (try? EntryCodec.encode(Samples.entry)) ?? [])]

    @Test("Each value is still written as it was")
    func writing() {
        for (name, bytes) in Self.all {
            let hex = Self.hex(bytes)
            #expect(Self.kept.last?[name] == hex, "\(name) \(hex)")
        }
        #expect(Self.kept.last?.count == Self.all.count)
    }

    @Test("An event of each kind is still read as it was meant", arguments: EventName.allCases)
    func events(name: EventName) throws {
        for bytes in try Self.bytes("event \(name.rawValue)") {
            #expect(try EventCodec.decode(bytes) == Samples.event(name))
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
        for bytes in try Self.bytes("entry full") { #expect(try EntryCodec.decode(bytes) == Samples.entry) }
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

    private static func bytes<Value: WireValue>(of value: Value) -> [UInt8] {
        var writer = WireWriter()
        writer.write(value)
        return writer.bytes
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// As every version wrote it that knew it.
    private static func bytes(_ name: String) throws -> [[UInt8]] {
        let lines = kept.compactMap { $0[name] }
        try #require(!lines.isEmpty, "no line \(name)")
        return try lines.map { hex in
            var bytes: [UInt8] = []
            var rest = hex[...]
            while !rest.isEmpty {
                bytes.append(try #require(UInt8(rest.prefix(2), radix: 16)))
                rest = rest.dropFirst(2)
            }
            return bytes
        }
    }
}
