import Testing

@testable import TandemJournal

@Suite("Commit plan")
struct CommitPlanTests {
    /// Partition 0 holds 5…10, the first four cut; its segment began at 8. Nothing else is known.
    private func plan(problems: [UInt16: JournalError] = [:]) -> CommitPlan {
        var state = CommitPlan.PartitionState()
        state.record.cut = LogPoint(index: 4, term: 1, chain: .zero)
        state.record.origin = LogPoint(index: 7, term: 1, chain: .zero)
        state.tail = LogPoint(index: 10, term: 2, chain: .zero)
        let base = CommitPlan.Base(partitions: [0: state], problems: problems)
        return CommitPlan(base: base, hasher: EntryHasher()) { partition, index in
            LogPoint(index: index, term: 1, chain: .zero)
        }
    }

    private func append(_ entries: [JournalEntry], to plan: inout CommitPlan) throws(JournalError) {
        try plan.add(.append(entries), checksums: entries.map(EntryHasher.checksum))
    }

    @Test("Entries that are taken back in the same plan are never written")
    func takenBackAtOnce() throws {
        var plan = plan()
        try append(Fixture.entries(0, 11...15, term: 2), to: &plan)
        try plan.add(.truncate(partition: 0, from: 13), checksums: [])
        try append([Fixture.entry(0, 13, term: 3)], to: &plan)
        #expect(plan.rows.map(\.entry.index) == [11, 12, 13])
        #expect(plan.rows.map(\.entry.term) == [2, 2, 3])
        #expect(plan.truncations.isEmpty)
        #expect(plan.touched[0]?.hasNewRecord == false)
    }

    @Test("Going back below the segment's beginning moves the beginning, the lowest of several counts")
    func belowTheOrigin() throws {
        var plan = plan()
        try plan.add(.truncate(partition: 0, from: 9), checksums: [])
        #expect(plan.truncations == [0: 9] && plan.touched[0]?.record.origin.index == 7)
        try plan.add(.truncate(partition: 0, from: 6), checksums: [])
        try append(Fixture.entries(0, 6...7, term: 3), to: &plan)
        try plan.add(.truncate(partition: 0, from: 7), checksums: [])
        #expect(plan.truncations == [0: 6])
        #expect(plan.touched[0]?.record.origin.index == 5)
        #expect(plan.touched[0]?.tail.index == 6)
        #expect(plan.rows.map(\.entry.index) == [6])
    }

    @Test("A cut up to an entry of the same plan knows its term and chain")
    func cutAtOnce() throws {
        var plan = plan()
        try append(Fixture.entries(0, 11...12, term: 5), to: &plan)
        try plan.add(.cut(partition: 0, below: 12), checksums: [])
        let first = try #require(plan.rows.first)
        #expect(plan.touched[0]?.record.cut == LogPoint(index: 11, term: 5, chain: first.chain))
    }

    @Test("A refused write leaves no trace, a partition with a problem takes none")
    func refused() throws {
        let problem = JournalError.shorterThanMark(partition: 3, mark: 2, last: 1)
        var plan = plan(problems: [3: problem])
        #expect(throws: JournalError.outOfOrder(partition: 0, expected: 12, found: 13)) {
            try append([Fixture.entry(1, 1), Fixture.entry(0, 11, term: 2), Fixture.entry(0, 13, term: 2)], to: &plan)
        }
        #expect(throws: problem) { try append([Fixture.entry(3, 2)], to: &plan) }
        #expect(throws: problem) { try plan.add(.hardState(partition: 3, HardState(term: 1)), checksums: []) }
        #expect(throws: JournalError.outOfRange(partition: 0, index: 4, first: 5, last: 10)) {
            try plan.add(.truncate(partition: 0, from: 4), checksums: [])
        }
        #expect(plan.isEmpty && plan.touched.isEmpty)
    }

    @Test("An entry that changed in memory since it was submitted is not written")
    func changedInMemory() throws {
        var plan = plan()
        var entry = Fixture.entry(0, 11, term: 2)
        let checksum = EntryHasher.checksum(entry)
        entry.bytes[3] ^= 4
        #expect(throws: JournalError.changedInMemory(partition: 0, index: 11)) {
            try plan.add(.append([entry]), checksums: [checksum])
        }
        #expect(plan.isEmpty)
    }

    @Test("A journal takes so many partitions and no more")
    func tooManyPartitions() throws {
        var plan = plan()
        for partition in 1..<UInt16(JournalLimits.partitionsMax) {
            try append([Fixture.entry(partition, 1)], to: &plan)
        }
        let last = UInt16(JournalLimits.partitionsMax)
        #expect(throws: JournalError.tooManyPartitions(limit: Int(last))) {
            try append([Fixture.entry(last, 1)], to: &plan)
        }
        try append([Fixture.entry(5, 2)], to: &plan)
    }
}
