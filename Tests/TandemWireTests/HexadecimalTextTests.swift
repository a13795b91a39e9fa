import TandemWire
import TestChance
import Testing

@Suite("Bytes as hexadecimal text")
struct HexadecimalTextTests {
    @Test("Every byte is two digits, and comes back")
    func roundTrip() {
        let all = (UInt8.min...UInt8.max).map { $0 }
        let text = HexadecimalText.encode(all)
        #expect(text.utf8.count == 512 && text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
        #expect(HexadecimalText.decode(text) == all)
        #expect(HexadecimalText.decode(text.uppercased()) == all)
        #expect(HexadecimalText.decode("") == [])
    }

    @Test("What is not pairs of digits is no text of bytes", arguments: ["0", "0g", "+1", " 1", "00 ", "0x00", "é0"])
    func refused(text: String) {
        #expect(HexadecimalText.decode(text) == nil)
    }
}
