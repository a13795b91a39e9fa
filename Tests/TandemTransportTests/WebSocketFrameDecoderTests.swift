import TestChance
import Testing

@testable import TandemTransport

@Suite("The WebSocket frame decoder")
struct WebSocketFrameDecoderTests {
    /// What came of some bytes: a line per event, then perhaps the refusal.
    private func judge(
        _ slices: [[UInt8]], role: WebSocketFrameDecoder.Role = .client, limits: Limits = Limits()
    ) -> [String] {
        var decoder = WebSocketFrameDecoder(role: role, limits: limits)
        var outcome: [String] = []
        for var slice in slices {
            var offset = 0
            let count = slice.count
            do throws(WebSocketRefusal) {
                try slice.withUnsafeMutableBufferPointer { bytes throws(WebSocketRefusal) in
                    while offset < count {
                        guard let event = try decoder.next(UnsafeMutableRawBufferPointer(bytes), from: &offset) else {
                            break
                        }
                        outcome.append(describe(event))
                    }
                }
            } catch {
                return outcome + ["refused: \(error)"]
            }
        }
        return outcome
    }

    private func describe(_ event: WebSocketFrameDecoder.Event) -> String {
        func text(_ bytes: UnsafeRawBufferPointer) -> String {
            bytes.count > 40 ? "\(bytes.count) bytes" : String(decoding: bytes, as: UTF8.self)
        }
        return switch event {
        case .text(let bytes): "text \(text(bytes))"
        case .binary(let bytes): "binary \(text(bytes))"
        case .ping(let bytes): "ping \(text(bytes))"
        case .pong(let bytes): "pong \(text(bytes))"
        case .close(let code, let reason): "close \(code.map(String.init) ?? "-") \(text(reason))"
        }
    }

    private func judgeEveryWay(
        _ bytes: [UInt8], role: WebSocketFrameDecoder.Role = .client, limits: Limits = Limits()
    ) -> [String] {
        let whole = judge([bytes], role: role, limits: limits)
        #expect(judge(bytes.map { [$0] }, role: role, limits: limits) == whole, "byte by byte")
        for seed: UInt64 in 1...6 {
            var generator = SeededGenerator(seed: seed)
            #expect(judge(generator.slices(bytes), role: role, limits: limits) == whole, "seed \(seed)")
        }
        return whole
    }

    /// A frame as a server sends it, or with a mask as a client does.
    static func frame(_ first: UInt8, _ payload: [UInt8], mask: [UInt8]? = nil) -> [UInt8] {
        var bytes = [first]
        let flag: UInt8 = mask == nil ? 0 : 0x80
        if payload.count < 126 {
            bytes.append(flag | UInt8(payload.count))
        } else if payload.count < 65_536 {
            bytes += [flag | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        } else {
            bytes.append(flag | 127)
            bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        guard let mask else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    private static func frame(_ first: UInt8, _ text: String) -> [UInt8] { frame(first, Array(text.utf8)) }

    @Test("The examples of RFC 6455, 5.7, are understood")
    func examples() {
        #expect(judgeEveryWay([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]) == ["text Hello"])
        let masked: [UInt8] = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]
        #expect(judgeEveryWay(masked, role: .server) == ["text Hello"])
        #expect(judgeEveryWay([0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f]) == ["text Hello"])
        #expect(judgeEveryWay([0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]) == ["ping Hello"])
        let pong: [UInt8] = [0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]
        #expect(judgeEveryWay(pong, role: .server) == ["pong Hello"])
        #expect(judgeEveryWay([0x82, 0x7E, 0x01, 0x00] + [UInt8](repeating: 7, count: 256)) == ["binary 256 bytes"])
        #expect(
            judge([[0x82, 0x7F, 0, 0, 0, 0, 0, 1], [0, 0] + [UInt8](repeating: 7, count: 65_536)])
                == ["binary 65536 bytes"])
    }

    @Test("Control frames stand between the fragments of a message, which comes out whole")
    func interleaved() {
        let bytes =
            Self.frame(0x01, "a€".dropLast().description) + Self.frame(0x89, "p") + Self.frame(0x00, [0xE2, 0x82])
            + Self.frame(0x8A, "") + Self.frame(0x00, "") + Self.frame(0x80, [0xAC]) + Self.frame(0x82, "b")
            + Self.frame(0x88, [0x03, 0xE8] + Array("bye".utf8)) + Self.frame(0x81, "after the close")
        #expect(judgeEveryWay(bytes) == ["ping p", "pong ", "text a€", "binary b", "close 1000 bye"])
        #expect(judgeEveryWay(Self.frame(0x88, "")) == ["close - "])
    }

    static let bad: [([UInt8], WebSocketRefusal)] = {
        var cases: [([UInt8], WebSocketRefusal)] = [
            (frame(0xC1, "a"), .reservedBits), (frame(0xA1, "a"), .reservedBits), (frame(0x91, "a"), .reservedBits),
            (frame(0x09, "a"), .fragmentedControl), (frame(0x08, ""), .fragmentedControl),
            (frame(0x89, [UInt8](repeating: 0, count: 126)), .longControl),
            (frame(0x81, [0x41], mask: [1, 2, 3, 4]), .maskForbidden),
            ([0x82, 126, 0, 125] + [UInt8](repeating: 0, count: 125), .lengthNotMinimal),
            ([0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .lengthNotMinimal),
            ([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], .lengthTooGreat),
            ([0x82, 127, 0, 0, 0, 0, 0x7F, 0, 0, 0], .frameTooLong),
            (frame(0x80, "a"), .continuationWithoutStart), (frame(0x00, "a"), .continuationWithoutStart),
            (frame(0x01, "a") + frame(0x81, "b"), .messageInsideMessage),
            (frame(0x02, "a") + frame(0x01, "b"), .messageInsideMessage),
            (frame(0x88, [0x03]), .closePayloadTooShort), (frame(0x88, [0x03, 0xE8, 0xFF]), .textNotUTF8),
            (frame(0x88, [0x03, 0xE8, 0xC3]), .textNotUTF8),
            (frame(0x81, [0xC3, 0x28]), .textNotUTF8), (frame(0x81, [0xC3]), .textNotUTF8),
            (frame(0x01, [0xED]) + frame(0x00, [0xA0]), .textNotUTF8),
        ]
        for opcode: UInt8 in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
            cases.append((frame(0x80 | opcode, ""), .unknownOpcode))
        }
        for code: UInt16 in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
            cases.append((frame(0x88, [UInt8(code >> 8), UInt8(code & 255)]), .closeCodeInvalid))
        }
        return cases
    }()

    @Test("A frame that breaks the standard is refused, however it is sliced", arguments: bad)
    func badShapes(_ bytes: [UInt8], _ refusal: WebSocketRefusal) {
        #expect(judgeEveryWay(bytes) == ["refused: \(refusal)"])
        let codes: [WebSocketRefusal: UInt16] = [.textNotUTF8: 1007, .frameTooLong: 1009, .messageTooLong: 1009]
        #expect(refusal.code == codes[refusal] ?? 1002)
    }

    @Test("A server refuses an unmasked frame")
    func unmasked() {
        #expect(judgeEveryWay(Self.frame(0x81, "a"), role: .server) == ["refused: maskMissing"])
    }

    @Test("Broken text is refused at its first broken byte, before its frame is complete")
    func failFast() {
        #expect(judge([[0x81, 0x7E, 0x01, 0x00, 0x41, 0xC3, 0x28]]) == ["refused: textNotUTF8"])
        #expect(judge([[0x01, 0x01, 0x41], [0x80, 0x05, 0xFF]]) == ["refused: textNotUTF8"])
    }

    @Test("Every close code that may be sent is understood")
    func closeCodes() {
        for code: UInt16 in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999] {
            #expect(judgeEveryWay(Self.frame(0x88, [UInt8(code >> 8), UInt8(code & 255)])) == ["close \(code) "])
        }
    }

    @Test("Frames and messages are held to their limits before anything is kept")
    func limits() {
        var limits = Limits()
        limits.frameBytesMax = 10
        limits.messageBytesMax = 15
        #expect(judgeEveryWay(Self.frame(0x82, "0123456789"), limits: limits) == ["binary 0123456789"])
        #expect(judgeEveryWay([0x82, 11], limits: limits) == ["refused: frameTooLong"])
        let two = Self.frame(0x02, "0123456789") + Self.frame(0x80, "01234")
        #expect(judgeEveryWay(two, limits: limits) == ["binary 012345678901234"])
        #expect(
            judgeEveryWay(Self.frame(0x02, "0123456789") + [0x80, 6], limits: limits) == ["refused: messageTooLong"])
    }

    @Test("Masked payloads of every length and alignment come out as they went in", arguments: UInt64(1)...5)
    func masks(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for length in [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 40] {
            let payload = generator.bytes(length).map { $0 & 0x7F }
            let bytes = Self.frame(0x82, payload, mask: generator.bytes(4))
            #expect(
                judgeEveryWay(bytes, role: .server) == ["binary \(String(decoding: payload, as: UTF8.self))"],
                "seed \(seed), \(length) bytes")
        }
    }

    @Test("Random bytes and damaged frames neither trap nor depend on slicing", arguments: UInt64(1)...40)
    func fuzz(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var limits = Limits()
        limits.frameBytesMax = 1_000
        limits.messageBytesMax = 2_000
        for _ in 0..<50 {
            var bytes =
                Self.frame(0x81, "hello, €") + Self.frame(0x89, "p") + Self.frame(0x01, "ab") + Self.frame(0x80, "c")
                + Self.frame(0x82, generator.bytes(130)) + Self.frame(0x88, [0x03, 0xE8])
            for _ in 0..<(generator.next() % 4) {
                bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            if generator.next() % 5 == 0 { bytes = generator.bytes(200) }
            let whole = judge([bytes], limits: limits)
            #expect(judge(bytes.map { [$0] }, limits: limits) == whole, "seed \(seed)")
            #expect(judge(generator.slices(bytes), limits: limits) == whole, "seed \(seed)")
        }
    }
}
