import Testing

@testable import TandemCore

@Suite("Identifiers")
struct IdentifierTests {
    @Test("Identifiers rise, also after the largest that was ever journaled")
    func bounds() {
        var minter = IDMinter(partition: 3, last: 5)
        let first: QueueID = minter.next(at: Timestamp(milliseconds: 0))
        #expect(first.raw == 6 << 10 | 3)
        var last = IDMinter(partition: 3, last: IDMinter.lastMax - 1)
        let largest: QueueID = last.next(at: Timestamp(milliseconds: 0))
        #expect(largest.raw == UInt64.max << 10 | 3 && last.last == IDMinter.lastMax)
        var broken = IDMinter(partition: 3, last: .max)
        let any: QueueID = broken.next(at: Timestamp(milliseconds: 1))
        #expect(any.time == Timestamp(milliseconds: 1))
    }
}
