import TandemCore
import Testing

@testable import TandemWire

/// One way in: bytes that a codec reads, and what it writes again from what it read.
struct WireForm: Sendable, CustomTestStringConvertible {
    let name: String
    /// Valid bytes.
    let make: @Sendable (inout Arbitrary) -> [UInt8]
    /// Reads and writes again; throws `WireError`.
    let again: @Sendable ([UInt8]) throws -> [UInt8]
    var testDescription: String { name }

    static let all: [WireForm] =
        [
            WireForm(
                name: "event", make: { EventCodec.encode($0.event()) },
                again: { EventCodec.encode(try EventCodec.decode($0)) }),
            WireForm(
                name: "command", make: { CommandCodec.encode($0.command()) },
                again: { CommandCodec.encode(try CommandCodec.decode($0)) }),
            WireForm(
                name: "entry", make: { arbitrary in (try? EntryCodec.encode(arbitrary.entry())) ?? [] },
                again: { try EntryCodec.encode(try EntryCodec.decode($0)) }),
            WireForm(name: "answer", make: { bytes(of: $0.answer()) }, again: { try again(Answer.self, $0) }),
            WireForm(name: "refusal", make: { bytes(of: $0.refusal()) }, again: { try again(Refusal.self, $0) }),
        ]
        + ActorKind.allCases.map { kind in
            WireForm(
                name: "record of a \(kind)", make: { RecordCodec.encode($0.record(kind)) },
                again: { RecordCodec.encode(try RecordCodec.decode(kind: kind, $0)) })
        } + raft + forwarded

    private static func bytes<Value: WireValue>(of value: Value) -> [UInt8] {
        var writer = WireWriter()
        writer.write(value)
        return writer.bytes
    }

    private static func again<Value: WireValue>(_: Value.Type, _ bytes: [UInt8]) throws -> [UInt8] {
        Self.bytes(
            of: try WireReader.readAll(bytes) { reader throws(WireError) in try reader.read(Value.self) })
    }
}

@Suite("Damaged bytes")
struct DamageTests {
    @Test("Bytes that end too early are refused, wherever they end", arguments: WireForm.all)
    func truncation(form: WireForm) {
        var any = Arbitrary(seed: 1)
        for _ in 0..<20 {
            let bytes = form.make(&any)
            // Everywhere; in long values at the ends and at a hundred places between them.
            let stride = max(1, bytes.count / 100)
            for length in 0..<bytes.count where length < 40 || length > bytes.count - 40 || length % stride == 0 {
                expectTruncated(form, bytes[..<length])
            }
        }
    }

    private func expectTruncated(_ form: WireForm, _ bytes: ArraySlice<UInt8>) {
        do {
            Issue.record("\(bytes) was read as \(try form.again(Array(bytes)))")
        } catch {
            if error as? WireError != .truncated { Issue.record("\(bytes): \(error)") }
        }
    }

    @Test("Bytes after the value are refused", arguments: WireForm.all)
    func trailing(form: WireForm) {
        var any = Arbitrary(seed: 2)
        for _ in 0..<100 {
            let bytes = form.make(&any)
            #expect(throws: WireError.trailingBytes(3)) { try form.again(bytes + [0, 1, 2]) }
        }
    }

    @Test("Random bytes are refused or are the one spelling of a value", arguments: WireForm.all)
    func noise(form: WireForm) {
        var any = Arbitrary(seed: 3)
        let versioned = form.name != "answer" && form.name != "refusal"
        for _ in 0..<10_000 {
            // Of full range, or small numbers only, which get further as tags and counts.
            let mask: UInt8 = any.bool() ? 0xff : 0x07
            var bytes = any.bytes(any.below(120)).map { $0 & mask }
            if versioned, any.below(8) > 0 { bytes.insert(WireVersion.current, at: 0) }
            expectRefusedOrSame(form, bytes)
        }
    }

    @Test("Damaged bytes are refused or are the one spelling of another value", arguments: WireForm.all)
    func mutations(form: WireForm) {
        var any = Arbitrary(seed: 4)
        for _ in 0..<500 {
            let valid = form.make(&any)
            for _ in 0..<10 {
                var bytes = valid
                for _ in 0...any.below(3) {
                    let place = any.below(bytes.count)
                    switch any.below(4) {
                    case 0: bytes[place] ^= 1 << UInt8(any.below(8))
                    case 1: bytes[place] = [0, 1, 0x7f, 0x80, 0xff][any.below(5)]
                    case 2: bytes.insert(UInt8(any.below(256)), at: place)
                    default: if bytes.count > 1 { bytes.remove(at: place) }
                    }
                }
                expectRefusedOrSame(form, bytes)
            }
        }
    }

    private func expectRefusedOrSame(_ form: WireForm, _ bytes: [UInt8]) {
        do {
            let again = try form.again(bytes)
            // What an earlier version wrote is written by the last one: that has to be the one spelling of the value.
            let isOld = bytes.first == WireVersion.first && again.first == WireVersion.current
            let same = isOld ? try form.again(again) : bytes
            if again != same { Issue.record("\(bytes) was read as \(again)") }
        } catch {
            if !(error is WireError) { Issue.record("\(bytes): \(error)") }
        }
    }

    @Test("Another version of the format is refused by name", arguments: [0, WireVersion.current + 1, 255] as [UInt8])
    func versions(version: UInt8) {
        var any = Arbitrary(seed: 5)
        for form in WireForm.all where form.name != "answer" && form.name != "refusal" {
            var bytes = form.make(&any)
            bytes[0] = version
            #expect(throws: WireError.unknownVersion(version)) { try form.again(bytes) }
        }
    }

    @Test("A tag of no case is refused by its type's name")
    func tags() {
        for code in UInt8.min ... .max where EventName(code: code) == nil {
            #expect(throws: WireError.badTag(type: "Event", value: code)) { try EventCodec.decode([1, code]) }
        }
        #expect(throws: WireError.badTag(type: "Command", value: 8)) { try CommandCodec.decode([1, 8]) }
        expectError(.badTag(type: "Channel", value: 7), reading: Channel.self, [7])
        expectError(.badTag(type: "Party", value: 5), reading: Party.self, [5])
        expectError(.badTag(type: "Bool", value: 2), reading: Bool.self, [2])
        expectError(.badTag(type: "Bool", value: 9), reading: UInt8?.self, [9, 1])
        expectError(.badTag(type: "CommandName", value: 0), reading: Cause.self, [0, 0])
        expectError(.badTag(type: "Refusal.Code", value: 200), reading: Refusal.self, [200, 0])
    }

    @Test("A number has one spelling, inside its type's range")
    func numbers() {
        expectError(.badNumber, reading: UInt64.self, [0x80, 0x00])
        expectError(.badNumber, reading: UInt64.self, [0xff, 0x80, 0x00])
        expectError(.badNumber, reading: UInt64.self, [UInt8](repeating: 0xff, count: 9) + [0x02])
        expectError(.badNumber, reading: UInt64.self, [UInt8](repeating: 0xff, count: 9) + [0x81, 0x00])
        expectError(.badNumber, reading: UInt16.self, [0x80, 0x80, 0x04])
        expectError(.badNumber, reading: UInt32.self, [0x80, 0x80, 0x80, 0x80, 0x10])
        expectError(.badNumber, reading: Int32.self, [0x80, 0x80, 0x80, 0x80, 0x10])
    }

    @Test("Text that is not UTF-8 is refused")
    func text() {
        for bad in [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]] as [[UInt8]] {
            expectError(.badUTF8, reading: String.self, [UInt8(bad.count)] + bad)
        }
    }

    private func expectError<Value: WireValue & Sendable>(
        _ error: WireError, reading _: Value.Type, _ bytes: [UInt8], at place: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: error, sourceLocation: place) {
            try WireReader.readAll(bytes) { reader throws(WireError) in try reader.read(Value.self) }
        }
    }
}
