import TandemCore
import Testing

@testable import TandemWire

@Suite("Bounds of what is read and written")
struct BoundsTests {
    /// A count in front of `rest` bytes of ones.
    private func bomb(_ count: UInt64, rest: Int) -> [UInt8] {
        var writer = WireWriter()
        writer.writeVarint(count)
        writer.append([UInt8](repeating: 1, count: rest))
        return writer.bytes
    }

    @Test("A count beyond the bytes is refused before anything is allocated")
    func lengthBombs() {
        // Each of them asks for more memory than any machine has: allocating on its word would end the process.
        for count in [1 << 40, 1 << 62, UInt64(Int64.max), .max] {
            let bytes = bomb(count, rest: 64)
            #expect(throws: WireError.truncated) { try read(String.self, bytes) }
            #expect(throws: WireError.truncated) { try read([UInt8].self, bytes) }
            #expect(throws: WireError.truncated) { try read([Contact].self, bytes) }
            #expect(throws: WireError.truncated) { try read([RoutingCondition].self, bytes) }
        }
    }

    @Test("Conditions nest so deep and no deeper")
    func depth() throws {
        #expect(WireReader.depthMax >= Limits.conditionDepthMax)
        var condition = RoutingCondition.always
        for _ in 1..<WireReader.depthMax { condition = .not(condition) }
        #expect(try read(RoutingCondition.self, bytes(of: condition)) == condition)
        let deeper = bytes(of: RoutingCondition.all([condition]))
        #expect(throws: WireError.tooDeep) { try read(RoutingCondition.self, deeper) }
        // The depth is that of the nesting, not of the number of conditions.
        let wide = RoutingCondition.any([RoutingCondition](repeating: .not(.always), count: 1_000))
        #expect(try read(RoutingCondition.self, bytes(of: wide)) == wide)
        let bomb = [UInt8](repeating: 3, count: 1_000_000)
        #expect(throws: WireError.tooDeep) { try read(RoutingCondition.self, bomb) }
    }

    @Test("An entry holds as many events as a turn may make, on both sides")
    func eventCount() throws {
        let event = Event.credentialRevoked(CredentialID(raw: 1), nil)
        var entry = Entry(
            time: Timestamp(milliseconds: 1), minted: 1, cause: .timer,
            events: [Event](repeating: event, count: Limits.turnEventsMax))
        #expect(try EntryCodec.decode(EntryCodec.encode(entry)) == entry)
        let more = entry.events + [event]
        #expect(throws: WireError.tooLong(limit: Limits.turnEventsMax)) {
            try EntryCodec.decode(Self.unbounded(entry, events: more))
        }
        entry.events = more
        #expect(throws: WireError.tooLong(limit: Limits.turnEventsMax)) { try EntryCodec.encode(entry) }
    }

    @Test("The identifiers given so far fit into an identifier")
    func minted() throws {
        var entry = Entry(time: Timestamp(milliseconds: 1), minted: IDMinter.lastMax, cause: .timer, events: [])
        #expect(try EntryCodec.decode(EntryCodec.encode(entry)) == entry)
        entry.minted += 1
        let bytes = try EntryCodec.encode(entry)
        #expect(throws: WireError.badNumber) { try EntryCodec.decode(bytes) }
    }

    @Test("An entry's events take as many bytes as a turn may make, on both sides")
    func eventBytes() throws {
        func message(_ length: Int) -> Event {
            .messagePosted(
                MessagePosted(
                    conversation: ConversationID(raw: 1), tenant: TenantID(raw: 2), customer: CustomerID(raw: 3),
                    sequence: 1, channel: .chat, author: .bot, contact: nil, agents: [], clientID: nil,
                    text: String(repeating: "a", count: length)))
        }
        var entry = Entry(
            time: Timestamp(milliseconds: 1), minted: 1, key: CommandKey(high: 1, low: 2, body: 3),
            cause: .command(.postMessage),
            answer: Answer(
                actor: ActorID(kind: .conversation, raw: 1), contact: ContactID(raw: 1), part: .max, sequence: .max,
                version: .max),
            events: [message(Limits.turnEventBytesMax - 100)])
        // Count of events, code, three identifiers, sequence, channel, author, three absent fields, the text's length.
        let around = 1 + 1 + 24 + 1 + 1 + 1 + 3 + 3
        entry.events = [message(Limits.turnEventBytesMax - around)]
        let bytes = try EntryCodec.encode(entry)
        #expect(bytes.count == EntryCodec.bytesMax)
        #expect(try EntryCodec.decode(bytes) == entry)
        entry.events = [message(Limits.turnEventBytesMax - around + 1)]
        #expect(throws: WireError.tooLong(limit: Limits.turnEventBytesMax)) { try EntryCodec.encode(entry) }
        #expect(throws: WireError.tooLong(limit: Limits.turnEventBytesMax)) {
            try EntryCodec.decode(Self.unbounded(entry, events: entry.events))
        }
    }

    /// An entry's bytes as a writer without bounds would make them.
    private static func unbounded(_ entry: Entry, events: [Event]) -> [UInt8] {
        var writer = WireWriter()
        writer.writeByte(WireVersion.current)
        writer.write(entry.time)
        writer.writeFixed(entry.minted)
        writer.write(entry.cause)
        writer.write(entry.key)
        writer.write(entry.answer)
        writer.write(events)
        return writer.bytes
    }

    private func bytes<Value: WireValue>(of value: Value) -> [UInt8] {
        var writer = WireWriter()
        writer.write(value)
        return writer.bytes
    }

    private func read<Value: WireValue>(_: Value.Type, _ bytes: [UInt8]) throws(WireError) -> Value {
        try WireReader.readAll(bytes) { reader throws(WireError) in try reader.read(Value.self) }
    }
}
