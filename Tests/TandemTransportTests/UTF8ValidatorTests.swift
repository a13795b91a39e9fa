import TestChance
import Testing

@testable import TandemTransport

@Suite("The UTF-8 validator")
struct UTF8ValidatorTests {
    /// At which byte `bytes` is refused, fed one by one; nil: it is not.
    private func refusedAt(_ bytes: [UInt8]) -> Int? {
        var validator = UTF8Validator()
        return bytes.indices.first { index in
            var one = [bytes[index]]
            return !one.withUnsafeMutableBytes { validator.accept(UnsafeRawBufferPointer($0)) }
        }
    }

    private func isText(_ parts: [ArraySlice<UInt8>]) -> Bool {
        var validator = UTF8Validator()
        for part in parts {
            guard Array(part).withUnsafeBytes({ validator.accept($0) }) else { return false }
        }
        return validator.isComplete
    }

    @Test("Valid text is accepted, split at each byte")
    func valid() {
        for text in [
            "", "plain ascii, longer than eight", "κόσμε", "ßß€€𝄞𝄞", "\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}",
        ] {
            let bytes = Array(text.utf8)
            for split in 0...bytes.count { #expect(isText([bytes[..<split], bytes[split...]]), "\(text) at \(split)") }
        }
    }

    @Test("A text is refused at the first byte that cannot be right")
    func invalid() {
        let cases: [([UInt8], Int)] = [
            ([0x80], 0), ([0xBF], 0), ([0xC0, 0xAF], 0), ([0xC1, 0xBF], 0), ([0xF5, 0x80], 0), ([0xFE], 0), ([0xFF], 0),
            ([0xE0, 0x9F, 0xBF], 1), ([0xF0, 0x8F, 0xBF, 0xBF], 1), ([0xED, 0xA0, 0x80], 1), ([0xED, 0xBF, 0xBF], 1),
            ([0xF4, 0x90, 0x80, 0x80], 1), ([0xC3, 0x28], 1), ([0xE2, 0x82, 0x28], 2), ([0xF0, 0x9F, 0x98, 0x41], 3),
            ([0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41, 0xFF], 9),
        ]
        for (bytes, position) in cases {
            #expect(refusedAt(bytes) == position, "\(bytes)")
            for split in 0...bytes.count {
                #expect(!isText([bytes[..<split], bytes[split...]]), "\(bytes) at \(split)")
            }
        }
    }

    @Test("A text that ends inside a character is not complete")
    func cut() {
        for character in ["é", "€", "𝄞"] {
            let bytes = Array(character.utf8)
            for end in 1..<bytes.count { #expect(!isText([bytes[..<end]])) }
        }
    }

    @Test("It agrees with the standard library on random bytes", arguments: UInt64(1)...10)
    func agrees(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            var bytes = Array("aé€𝄞zz\u{7FF}\u{FFFF}0123456789".utf8)
            bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
            let cut = Int(generator.next() % UInt64(bytes.count + 1))
            let expected = String(validating: bytes, as: UTF8.self) != nil
            #expect(isText([bytes[..<cut], bytes[cut...]]) == expected, "seed \(seed): \(bytes)")
        }
    }
}
