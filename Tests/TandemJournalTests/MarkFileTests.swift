import Testing

@testable import TandemJournal

@Suite("Mark")
struct MarkFileTests {
    let directory = TemporaryDirectory()

    private func places(_ index: UInt64) -> [UInt16: MarkFile.Place] {
        let chain = EntryHasher().chain(after: .zero, Fixture.entry(0, index))
        return [0: MarkFile.Place(index: index, chain: chain), 900: MarkFile.Place(index: .max, chain: .zero)]
    }

    private func read() throws -> MarkFile.Content { try MarkFile(path: directory.file("m")).read() }

    @Test("The newest place is remembered, also by who opens it later, and a new one says it is new")
    func newest() throws {
        let mark = try MarkFile(path: directory.file("m"))
        #expect(try mark.read() == .missing)
        for index in 1...5 as ClosedRange<UInt64> {
            try mark.write(places(index))
            #expect(try read() == .places(places(index)))
        }
        let later = try MarkFile(path: directory.file("m"))
        _ = try later.read()
        try later.write(places(3))
        #expect(try read() == .places(places(3)))
    }

    @Test("A torn write leaves what was remembered before, damage to both is told")
    func torn() throws {
        let mark = try MarkFile(path: directory.file("m"))
        try mark.write(places(1))
        try mark.write(places(2))
        // The second write went to the first slot.
        RawFile.flipBit(2, at: 30, of: mark.path)
        #expect(try read() == .places(places(1)))
        RawFile.flipBit(2, at: MarkFile.slotBytes + 30, of: mark.path)
        #expect(try read() == .damaged)
    }

    @Test("What is durably lowered is in both slots")
    func lowered() throws {
        let mark = try MarkFile(path: directory.file("m"))
        try mark.write(places(9))
        try mark.writeDurably(places(4))
        for slot in 0..<2 {
            let bytes = RawFile.bytes(mark.path)
            RawFile.flipBit(0, at: slot * MarkFile.slotBytes, of: mark.path)
            #expect(try read() == .places(places(4)))
            RawFile.write(bytes, to: mark.path)
        }
    }

    @Test("As many partitions as a journal may have fit")
    func full() throws {
        let mark = try MarkFile(path: directory.file("m"))
        var all: [UInt16: MarkFile.Place] = [:]
        for partition in 0..<UInt16(JournalLimits.partitionsMax) {
            all[partition] = MarkFile.Place(index: UInt64(partition), chain: .zero)
        }
        try mark.write(all)
        try mark.write(all)
        #expect(try read() == .places(all))
    }
}
