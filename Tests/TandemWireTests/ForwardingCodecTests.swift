import TandemCore
import Testing

@testable import TandemWire

extension Arbitrary {
    mutating func stream() -> StreamName { StreamName(life: integer(), number: integer()) }

    mutating func forwardedCommands() -> ForwardedCommands {
        ForwardedCommands(
            stream: stream(), previous: integer(),
            items: list { any in
                ForwardedCommands.Item(
                    place: any.integer(), mayBeDone: any.bool(), failures: any.integer(),
                    key: CommandKey(high: any.integer(), low: any.integer(), body: any.integer()),
                    command: any.command())
            })
    }

    mutating func verdict() -> ForwardedOutcomes.Verdict {
        switch below(7) {
        case 0: .answered(answer(), position: integer())
        case 1: .repeated(answer(), position: integer())
        case 2: .refused(refusal())
        case 3: .busy
        case 4: .unavailable(one(), leader: optional { $0.integer() })
        case 5: .unknown
        default: .outOfOrder
        }
    }

    mutating func forwardedOutcomes() -> ForwardedOutcomes {
        ForwardedOutcomes(
            stream: stream(),
            items: list { any in ForwardedOutcomes.Item(place: any.integer(), verdict: any.verdict()) })
    }
}

extension Samples {
    private static let stream = StreamName(life: 0x0102_0304_0506_0708, number: 300)

    static let forwardedCommands = ForwardedCommands(
        stream: stream, previous: 128,
        items: [
            ForwardedCommands.Item(
                place: 129, key: NodeKey(node: 3, disk: 1, life: 2, number: 129).key(body: 0x1122_3344_5566_7788),
                command: command(.postMessage)),
            ForwardedCommands.Item(
                place: 131, mayBeDone: true, failures: 2, key: CommandKey(high: 1, low: 2, body: 3),
                command: command(.closeConversation)),
        ])

    static let forwardedOutcomes = ForwardedOutcomes(
        stream: stream,
        items: [
            ForwardedOutcomes.Item(place: 129, verdict: .answered(answer, position: 1_048_576)),
            ForwardedOutcomes.Item(place: 130, verdict: .repeated(answer, position: -1)),
            ForwardedOutcomes.Item(place: 131, verdict: .refused(Refusal(.notFound, field: "name"))),
            ForwardedOutcomes.Item(place: 132, verdict: .busy),
            ForwardedOutcomes.Item(place: 133, verdict: .unavailable(.notLeading, leader: 0x0000_0002_0000_0000)),
            ForwardedOutcomes.Item(place: 134, verdict: .unavailable(.journalFailed, leader: nil)),
            ForwardedOutcomes.Item(place: 135, verdict: .unknown),
            ForwardedOutcomes.Item(place: 136, verdict: .outOfOrder),
        ])
}

extension WireForm {
    /// The ways in for what nodes ask of one another.
    static let forwarded: [WireForm] = [
        WireForm(
            name: "forwarded commands", make: { any in (try? ForwardingCodec.encode(any.forwardedCommands())) ?? [] },
            again: { try ForwardingCodec.encode(ForwardingCodec.commands($0)) }),
        WireForm(
            name: "forwarded outcomes", make: { any in (try? ForwardingCodec.encode(any.forwardedOutcomes())) ?? [] },
            again: { try ForwardingCodec.encode(ForwardingCodec.outcomes($0)) }),
    ]
}

@Suite("Forwarded commands and their bytes")
struct ForwardingCodecTests {
    @Test("What one node asks and another answers comes back from its bytes")
    func roundTrip() throws {
        var any = Arbitrary(seed: 8_000)
        for _ in 0..<300 {
            let commands = any.forwardedCommands()
            #expect(try ForwardingCodec.commands(ForwardingCodec.encode(commands)) == commands)
            let outcomes = any.forwardedOutcomes()
            #expect(try ForwardingCodec.outcomes(ForwardingCodec.encode(outcomes)) == outcomes)
        }
    }

    @Test("No more commands or outcomes in a message than it may have, on both sides")
    func counts() throws {
        let limit = ForwardingCodec.itemsMax
        let stream = StreamName(life: 1, number: 2)
        let outcome = ForwardedOutcomes.Item(place: 9, verdict: .busy)
        let full = ForwardedOutcomes(stream: stream, items: Array(repeating: outcome, count: limit))
        #expect(try ForwardingCodec.outcomes(ForwardingCodec.encode(full)) == full)
        let over = ForwardedOutcomes(stream: stream, items: Array(repeating: outcome, count: limit + 1))
        #expect(throws: WireError.tooLong(limit: limit)) { try ForwardingCodec.encode(over) }
        let bytes = Self.bytes { $0.writeAll(stream, over.items) }
        #expect(throws: WireError.tooLong(limit: limit)) { try ForwardingCodec.outcomes(bytes) }
        let hostile = Self.bytes { writer in
            writer.writeAll(stream, 0 as UInt64)
            writer.writeVarint(.max)
        }
        #expect(throws: WireError.truncated) { try ForwardingCodec.commands(hostile) }
    }

    @Test("No more bytes in a message than it may have, on both sides")
    func size() throws {
        let limit = ForwardingCodec.messageBytesMax
        func commands(_ count: Int) -> ForwardedCommands {
            let text = String(repeating: "x", count: count)
            let command = Command.tenant(nil, .create(TenantSettings(name: text)))
            let item = ForwardedCommands.Item(
                place: 1, key: CommandKey(high: 1, low: 2, body: 3), command: command)
            return ForwardedCommands(stream: StreamName(life: 1, number: 1), previous: 0, items: [item])
        }
        let largest = commands(ForwardingCodec.commandBytesMax - 64)
        #expect((try ForwardingCodec.commands(ForwardingCodec.encode(largest)) == largest) == true)
        #expect(throws: WireError.tooLong(limit: limit)) { try ForwardingCodec.encode(commands(limit)) }
        let over = commands(limit)
        let bytes = Self.bytes { writer in
            writer.write(over.stream)
            writer.writeVarint(over.previous)
            writer.write(over.items)
        }
        #expect(throws: WireError.tooLong(limit: limit)) { try ForwardingCodec.commands(bytes) }
    }

    @Test("The key of a node says whose it is, and no client's digest near it is taken for one")
    func nodeKeys() {
        var any = Arbitrary(seed: 8_001)
        for _ in 0..<300 {
            let name = NodeKey(
                node: any.integer(), disk: any.integer(), life: any.integer(), number: any.integer())
            let key = name.key(body: any.integer())
            #expect(NodeKey(key) == name)
            #expect(NodeKey.storedHighs.contains(Int64(bitPattern: key.high)))
            let other = CommandKey(high: key.high ^ 1 << UInt64(32 + any.below(32)), low: key.low, body: key.body)
            #expect(NodeKey(other) == nil)
            #expect(!NodeKey.storedHighs.contains(Int64(bitPattern: other.high)))
        }
    }

    private static func bytes(_ write: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter()
        writer.writeByte(WireVersion.current)
        write(&writer)
        return writer.bytes
    }
}
