import CLinux
import Testing

@testable import TandemJournal

@Suite("Checksum and chain")
struct ChainHashTests {
    @Test("The checksum is CRC-32C, whole or in pieces")
    func checksum() {
        let digits = Array("123456789".utf8)
        #expect(tandem_crc32c(0, digits, 9) == 0xE306_9283)
        let zeros = [UInt8](repeating: 0, count: 32)
        #expect(tandem_crc32c(0, zeros, 32) == 0x8A91_36AA)
        for cut in 0...9 {
            let rest = Array(digits[cut...])
            #expect(tandem_crc32c(tandem_crc32c(0, digits, cut), rest, rest.count) == 0xE306_9283)
        }
    }

    @Test("Every field of an entry is in its checksum and in the chain, and so is the past")
    func everyField() {
        let hasher = EntryHasher()
        let entry = Fixture.entry(1, 2, term: 3)
        var others = [JournalEntry](repeating: entry, count: 6)
        others[0].partition = 2
        others[1].index = 3
        others[2].term = 4
        others[3].time += 1
        others[4].bytes[50] ^= 1
        others[5].bytes.append(0)
        let start = hasher.chain(after: .zero, Fixture.entry(1, 1))
        for other in others {
            #expect(EntryHasher.checksum(other) != EntryHasher.checksum(entry))
            #expect(hasher.chain(after: start, other) != hasher.chain(after: start, entry))
        }
        #expect(hasher.chain(after: .zero, entry) != hasher.chain(after: start, entry))
        #expect(EntryHasher().chain(after: start, entry) == hasher.chain(after: start, entry))
    }

    @Test("The chain is SHA-256 over the hash before, the header and the bytes")
    func known() {
        // Reckoned with sha256sum: 32 zero bytes; 0x0100, then 1, 2 and 3 in eight bytes each, little-endian; "abc".
        let entry = JournalEntry(partition: 1, index: 1, term: 2, time: 3, bytes: Array("abc".utf8))
        let hash = EntryHasher().chain(after: .zero, entry).bytes.map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        #expect(hash.joined() == "fc4c1ec13d2f29cc79dc9353c5aaca1f288f37cbd15bcb64a9620fa542d0a4df")
    }
}
