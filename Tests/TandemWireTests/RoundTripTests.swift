import TandemCore
import Testing

@testable import TandemWire

@Suite("Values and their bytes")
struct RoundTripTests {
    /// Values of each case.
    static let rounds = 100

    @Test("An event of any kind comes back from its bytes", arguments: EventName.allCases)
    func events(name: EventName) throws {
        var any = Arbitrary(seed: UInt64(name.code))
        for _ in 0..<Self.rounds {
            let event = any.event(name)
            let bytes = EventCodec.encode(event)
            let back = try EventCodec.decode(bytes)
            #expect(back == event)
            #expect(EventCodec.encode(back) == bytes)
            #expect(EventName(event) == name)
        }
    }

    @Test("An event's text can be kept apart from its bytes and handed back", arguments: EventName.allCases)
    func textApart(name: EventName) throws {
        var any = Arbitrary(seed: UInt64(name.code) + 1_000)
        for _ in 0..<Self.rounds {
            let event = any.event(name)
            let bytes = EventCodec.encode(event, textApart: true)
            let text: String? = if case .messagePosted(let message) = event { message.text } else { nil }
            #expect(try EventCodec.decode(bytes, text: text) == event)
            guard let text else {
                #expect(bytes == EventCodec.encode(event))
                continue
            }
            #expect(name == .messagePosted)
            #expect(EventCodec.encode(event).count > bytes.count + text.utf8.count)
            #expect(throws: WireError.truncated) { try EventCodec.decode(bytes) }
        }
    }

    @Test("A command of any kind comes back from its bytes", arguments: CommandName.allCases)
    func commands(name: CommandName) throws {
        var any = Arbitrary(seed: UInt64(name.code) + 2_000)
        for _ in 0..<Self.rounds {
            let command = any.command(name)
            let bytes = CommandCodec.encode(command)
            let back = try CommandCodec.decode(bytes)
            #expect(back == command)
            #expect(CommandCodec.encode(back) == bytes)
            #expect(CommandName(command) == name)
        }
    }

    @Test("A record of any kind comes back from its bytes", arguments: ActorKind.allCases)
    func records(kind: ActorKind) throws {
        var any = Arbitrary(seed: UInt64(kind.rawValue) + 3_000)
        for _ in 0..<Self.rounds {
            let record = any.record(kind)
            let bytes = RecordCodec.encode(record)
            let back = try RecordCodec.decode(kind: kind, bytes)
            #expect(back == record)
            #expect(RecordCodec.encode(back) == bytes)
            #expect(record.actor.kind == kind)
        }
    }

    @Test("An entry comes back from its bytes")
    func entries() throws {
        var any = Arbitrary(seed: 4_000)
        for _ in 0..<Self.rounds * 5 {
            let entry = any.entry()
            let bytes = try EntryCodec.encode(entry)
            let back = try EntryCodec.decode(bytes)
            #expect(back == entry)
            #expect(try EntryCodec.encode(back) == bytes)
        }
    }

    @Test("An answer comes back from its bytes")
    func answers() throws {
        var any = Arbitrary(seed: 5_000)
        for _ in 0..<Self.rounds * 5 {
            let answer = any.answer()
            #expect(try written(answer) == answer)
        }
    }

    @Test("A refusal of any code comes back from its bytes", arguments: Refusal.Code.allCases)
    func refusals(code: Refusal.Code) throws {
        #expect(try written(Refusal(code)) == Refusal(code))
        #expect(try written(Refusal(code, field: "name")) == Refusal(code, field: "name"))
    }

    @Test("A writer that is used again writes what a fresh one writes")
    func reusedWriter() {
        var any = Arbitrary(seed: 6_000)
        var writer = WireWriter(capacity: 0)
        for round in 0..<500 {
            let event = any.event()
            writer.removeAll(keepingCapacity: round % 7 != 0)
            EventCodec.write(event, in: WireVersion.current, to: &writer)
            #expect(writer.bytes == EventCodec.encode(event))
            #expect(writer.count == writer.withBytes { $0.count })
        }
    }

    private func written<Value: WireValue>(_ value: Value) throws -> Value {
        var writer = WireWriter()
        writer.write(value)
        return try WireReader.readAll(writer.bytes) { reader throws(WireError) in try reader.read() }
    }
}
