import KeptForms
import TestChance
import Testing

@testable import TandemTransport

@Suite("The frames between nodes")
struct PeerFrameDecoderTests {
    private static let seed = UInt64.random(in: 0 ... .max)

    /// What version 1 of the protocol wrote; HELLO is read by every later one, too.
    private static let kept = (try? KeptForms.lines("peers", format: 2)) ?? [:]

    private static func kept(_ name: String) throws -> [UInt8] { try #require(kept[name]) }

    private static let hello = PeerHello(
        PeerIdentity(
            cluster: ClusterID(high: 0x0011_2233_4455_6677, low: 0x8899_aabb_ccdd_eeff), node: PeerID(3),
            life: PeerLife(generation: 2, incarnation: 41), protocols: 1...3, formats: 1...2, name: "Zürich-3",
            address: "127.0.0.1:7410"),
        to: PeerID(7), frameBytesMax: 1 << 24)

    private static func frame(_ kind: UInt8, _ channel: UInt16, _ payload: [UInt8]) -> [UInt8] {
        var output = ByteQueue()
        payload.withUnsafeBytes { PeerFrame.write(to: &output, kind: kind, channel: channel, payload: $0) }
        return Array(output.bytes)
    }

    /// What came of some bytes: a line per frame, then perhaps the violation.
    private func judge(_ slices: [[UInt8]], payloadBytesMax: Int = 1_000) -> [String] {
        var decoder = PeerFrameDecoder(payloadBytesMax: payloadBytesMax)
        var outcome: [String] = []
        for slice in slices {
            var offset = 0
            do throws(PeerViolation) {
                try slice.withUnsafeBufferPointer { bytes throws(PeerViolation) in
                    let bytes = UnsafeRawBufferPointer(bytes)
                    while let frame = try decoder.next(bytes, from: &offset) {
                        outcome.append("\(frame.kind) \(frame.channel) \(Array(frame.payload))")
                    }
                }
            } catch {
                return outcome + ["violation: \(error)"]
            }
            #expect(offset == slice.count)
        }
        return outcome
    }

    // MARK: Version 1, byte for byte

    @Test("Each frame is written as version 1 of the protocol has it")
    func writing() throws {
        #expect(PeerFrame.preface == (try Self.kept("preface")))
        #expect(Self.frame(PeerLinkKind.hello.rawValue, 0, Self.hello.bytes) == (try Self.kept("hello")))
        #expect(Self.frame(PeerLinkKind.ready.rawValue, 0, []) == (try Self.kept("ready")))
        let refusal = PeerRefusal(.otherCluster, "node 7 is of another cluster")
        #expect(Self.frame(PeerLinkKind.refused.rawValue, 0, refusal.bytes) == (try Self.kept("refused")))
        #expect(Self.frame(PeerLinkKind.ping.rawValue, 0, []) == (try Self.kept("ping")))
        #expect(Self.frame(0x21, 0xBEEF, Array(1...9)) == (try Self.kept("payload")))
        #expect(Self.kept.count == 6)
    }

    @Test("Each frame of version 1 is read as it was meant")
    func reading() throws {
        let bytes = try ["preface", "hello", "ready", "refused", "ping", "payload"].flatMap(Self.kept)
        let refusal = Array(try Self.kept("refused").dropFirst(16))
        let hello = Array(try Self.kept("hello").dropFirst(16))
        let outcome = judge([bytes])
        #expect(
            outcome == ["1 0 \(hello)", "2 0 []", "3 0 \(refusal)", "4 0 []", "33 48879 [1, 2, 3, 4, 5, 6, 7, 8, 9]"])
        #expect(try hello.withUnsafeBytes { try PeerHello($0) } == Self.hello)
        #expect(
            try refusal.withUnsafeBytes { try PeerRefusal($0) }
                == PeerRefusal(.otherCluster, "node 7 is of another cluster"))
    }

    @Test("A HELLO that a later version has added to is read as far as this version knows it")
    func laterHello() throws {
        let bytes = Self.hello.bytes + [9, 9, 9]
        #expect(try bytes.withUnsafeBytes { try PeerHello($0) } == Self.hello)
    }

    // MARK: Slices

    @Test("Every slicing of the bytes comes to the same frames")
    func slices() {
        var generator = SeededGenerator(seed: Self.seed)
        let frames = (0..<40).flatMap { index in
            Self.frame(UInt8(16 + index), UInt16(index * 997), generator.bytes(Int(generator.next() % 300)))
        }
        let bytes = PeerFrame.preface + frames
        let whole = judge([bytes])
        #expect(whole.count == 40, "seed \(Self.seed)")
        #expect(judge(bytes.map { [$0] }) == whole, "seed \(Self.seed)")
        for _ in 0..<50 { #expect(judge(generator.slices(bytes, longest: 400)) == whole, "seed \(Self.seed)") }
    }

    @Test("A damaged bit anywhere is found, and no byte behind it is believed")
    func damaged() {
        let bytes = PeerFrame.preface + Self.frame(16, 1, [1, 2, 3]) + Self.frame(17, 2, [4, 5, 6])
        for place in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << bit
                let outcome = judge([damaged])
                #expect(outcome.last?.hasPrefix("violation") == true, "byte \(place), bit \(bit)")
                #expect(outcome == judge(damaged.map { [$0] }), "byte \(place), bit \(bit)")
                #expect(outcome.count == (place < 8 + 19 ? 1 : 2))
            }
        }
    }

    @Test("What ends early yields what is whole, and waits for the rest")
    func truncated() {
        let bytes = PeerFrame.preface + Self.frame(16, 1, [1, 2, 3]) + Self.frame(17, 2, [4, 5, 6])
        for count in bytes.indices {
            let whole = count < 27 ? 0 : 1
            #expect(judge([Array(bytes[..<count])]).count == whole, "\(count) bytes")
        }
    }

    @Test("Noise is refused at its first byte that is not the preface's; what follows a good preface by its checksum")
    func noise() {
        var generator = SeededGenerator(seed: Self.seed)
        #expect(judge([[0x16]]) == ["violation: \(PeerViolation.notAPeer)"])
        #expect(judge([Array("GET / HTTP/1.1\r\n".utf8)]) == ["violation: \(PeerViolation.notAPeer)"])
        for _ in 0..<1_000 {
            let noise = generator.bytes(16 + Int(generator.next() % 200))
            let outcome = judge(generator.slices(PeerFrame.preface + noise))
            #expect(outcome == ["violation: \(PeerViolation.headerDamaged)"], "seed \(Self.seed)")
        }
    }

    @Test("A frame over the bound is refused by its header, before any of it is kept")
    func oversized() {
        let fits = Self.frame(16, 0, [UInt8](repeating: 1, count: 1_000))
        #expect(judge([PeerFrame.preface + fits]).count == 1)
        let large = Self.frame(16, 0, [UInt8](repeating: 1, count: 1_001))
        let violation = "violation: \(PeerViolation.tooLong(length: 1_001, bound: 1_000))"
        #expect(judge([PeerFrame.preface + large[..<16]]) == [violation])
        #expect(judge([PeerFrame.preface + large[..<15]]) == [])
    }

    // MARK: HELLOs

    @Test("A HELLO that is too short, backwards, or could break a line of a log is refused")
    func wrongHellos() {
        let good = Self.hello.bytes
        func refused(_ bytes: [UInt8]) -> Bool { (try? bytes.withUnsafeBytes { try PeerHello($0) }) == nil }
        #expect(!refused(good))
        for count in good.indices { #expect(refused(Array(good[..<count])), "\(count) bytes") }
        var protocols = good
        protocols[0] = 4
        #expect(refused(protocols), "versions from 4 to 3")
        var formats = good
        formats[44] = 3
        #expect(refused(formats), "formats from 3 to 2")
        for byte: UInt8 in [0x0A, 0x1B, 0x7F, 0xFF] {
            var name = good
            name[47] = byte
            #expect(refused(name), "\(byte) in a name")
        }
    }

    @Test("Names and refusals that are too long do not get through, whatever they are made of")
    func longTexts() throws {
        var generator = SeededGenerator(seed: Self.seed)
        let long = good(name: 129)
        #expect((try? long.withUnsafeBytes { try PeerHello($0) }) == nil)
        #expect(try good(name: 128).withUnsafeBytes { try PeerHello($0) }.identity.name.utf8.count == 128)
        for _ in 0..<200 {
            let bytes = generator.bytes(2 + Int(generator.next() % 2_000))
            let refusal = try bytes.withUnsafeBytes { try PeerRefusal($0) }
            #expect(PeerRefusal.plainLength(refusal.text), "seed \(Self.seed)")
        }
        #expect(PeerRefusal(.malformed, "one\ntwo\u{1B}[31m").text == "onetwo[31m")
    }

    private func good(name count: Int) -> [UInt8] {
        let bytes = Self.hello.bytes
        return bytes[..<46] + [UInt8(count)] + [UInt8](repeating: 65, count: count) + [0]
    }
}

extension PeerRefusal {
    fileprivate static func plainLength(_ text: String) -> Bool {
        text.utf8.count <= PeerLimits.refusalBytesMax
            && text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
    }
}
