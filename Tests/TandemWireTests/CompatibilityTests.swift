import TandemCore
import Testing

@testable import TandemWire

/// What version 1 of the format wrote, kept for ever in `Fixtures/Version1.swift`: one `kind name hex` a line.
///
/// A test that fails here has found that journals of released versions would be misread. The lines are only ever
/// added to, by hand: the test prints the line that is missing.
@Suite("What earlier versions wrote")
struct CompatibilityTests {
    private static let kept: [String: String] = {
        let pairs = Version1.lines.split(separator: "\n").map { line -> (String, String) in
            let words = line.split(separator: " ").map(String.init)
            return words.count == 3 ? ("\(words[0]) \(words[1])", words[2]) : (String(line), "malformed")
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first + " twice" })
    }()

    /// Every value that has a line, by its line's first two words, with its bytes of today.
    private static let all: [(String, [UInt8])] =
        EventName.allCases.map { ("event \($0.rawValue)", EventCodec.encode(Samples.event($0))) }
        + CommandName.allCases.map { ("command \($0.rawValue)", CommandCodec.encode(Samples.command($0))) }
        + CommandName.allCases.map { ("cause \($0.rawValue)", bytes(of: Cause.command($0))) }
        + ActorKind.allCases.map { ("record \($0)", RecordCodec.encode(Samples.record($0))) }
        + Refusal.Code.allCases.map { ("refusal \($0.rawValue)", bytes(of: Refusal($0, field: "name"))) }
        + RaftSample.all.map { ($0.name, (try? $0.encode()) ?? []) }
        + [("answer full", bytes(of: Samples.answer)), ("entry full", (try? EntryCodec.encode(Samples.entry)) ?? [])]

    @Test("Each value is still written as it was")
    func writing() {
        for (name, bytes) in Self.all {
            let hex = Self.hex(bytes)
            #expect(Self.kept[name] == hex, "\(name) \(hex)")
        }
        #expect(Self.kept.count == Self.all.count)
    }

    @Test("An event of each kind is still read as it was meant", arguments: EventName.allCases)
    func events(name: EventName) throws {
        #expect(try EventCodec.decode(Self.bytes("event \(name.rawValue)")) == Samples.event(name))
    }

    @Test("A command of each kind is still read as it was meant", arguments: CommandName.allCases)
    func commands(name: CommandName) throws {
        #expect(try CommandCodec.decode(Self.bytes("command \(name.rawValue)")) == Samples.command(name))
    }

    @Test("A record of each kind is still read as it was meant", arguments: ActorKind.allCases)
    func records(kind: ActorKind) throws {
        #expect(try RecordCodec.decode(kind: kind, Self.bytes("record \(kind)")) == Samples.record(kind))
    }

    @Test("An entry is still read as it was meant")
    func entry() throws {
        #expect(try EntryCodec.decode(Self.bytes("entry full")) == Samples.entry)
    }

    @Test("A value of consensus of each kind is still read as it was meant")
    func consensus() throws {
        for sample in RaftSample.all { #expect(try sample.isRead(Self.bytes(sample.name)), "\(sample.name)") }
    }

    @Test("An event's number is the one in its bytes, and no other event has it", arguments: EventName.allCases)
    func eventNumbers(name: EventName) throws {
        #expect(try Self.bytes("event \(name.rawValue)")[1] == name.code)
        #expect(EventName(code: name.code) == name)
    }

    @Test("A command's number is the one in its causes, and no other command has it", arguments: CommandName.allCases)
    func commandNumbers(name: CommandName) throws {
        #expect(try Self.bytes("cause \(name.rawValue)")[1] == name.code)
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

    private static func bytes(_ name: String) throws -> [UInt8] {
        let hex = try #require(kept[name], "no line \(name)")
        var bytes: [UInt8] = []
        var rest = hex[...]
        while !rest.isEmpty {
            bytes.append(try #require(UInt8(rest.prefix(2), radix: 16)))
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
