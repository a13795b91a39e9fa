internal import CLinux

/// What a segment knows of a partition besides its entries. The newest segment's records are the valid ones; each new
/// segment begins with a copy of them, so that old segments can be removed whole.
struct PartitionRecord: Sendable, Equatable {
    var hardState = HardState()
    /// The last entry before this segment's: the segment holds what comes after it, and whatever older segments have
    /// beyond it was truncated.
    var origin = LogPoint.beginning
    /// The last entry that was cut.
    var cut = LogPoint.beginning

    private static let columns = """
        partition, term, voted_for, origin_index, origin_term, origin_chain, cut_index, cut_term, cut_chain, checksum
        """

    static let schema = """
        CREATE TABLE partition (
            partition INTEGER PRIMARY KEY,
            term INTEGER NOT NULL, voted_for INTEGER,
            origin_index INTEGER NOT NULL, origin_term INTEGER NOT NULL, origin_chain BLOB NOT NULL,
            cut_index INTEGER NOT NULL, cut_term INTEGER NOT NULL, cut_chain BLOB NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;
        """

    /// Puts the record in the place of the partition's old one.
    func write(_ partition: UInt16, to database: Database) throws(DatabaseError) {
        let statement = try database.statement(
            "INSERT OR REPLACE INTO partition (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        try statement.bind(Int64(partition), at: 1)
        try statement.bind(Int64(bitPattern: hardState.term), at: 2)
        if let votedFor = hardState.votedFor {
            try statement.bind(Int64(bitPattern: votedFor), at: 3)
        } else {
            try statement.bindNull(at: 3)
        }
        for (point, first) in [(origin, Int32(4)), (cut, Int32(7))] {
            try statement.bind(Int64(bitPattern: point.index), at: first)
            try statement.bind(Int64(bitPattern: point.term), at: first + 1)
            try statement.bind(blob: point.chain.bytes, at: first + 2)
        }
        try statement.bind(Int64(checksum(partition)), at: 10)
        try statement.run()
    }

    /// The records of a segment by partition; nil for one that fails its checksum.
    static func readAll(from database: Database) throws(DatabaseError) -> [UInt16: PartitionRecord?] {
        let statement = try database.statement("SELECT \(columns) FROM partition")
        defer { statement.reset() }
        var records: [UInt16: PartitionRecord?] = [:]
        while try statement.step() {
            let partition = UInt16(truncatingIfNeeded: statement.int64(0))
            records.updateValue(read(partition, from: statement), forKey: partition)
        }
        return records
    }

    private static func read(_ partition: UInt16, from row: Statement) -> PartitionRecord? {
        func point(_ first: Int32) -> LogPoint? {
            guard let chain = row.withBlob(first + 2, { ChainHash($0) }) else { return nil }
            return LogPoint(
                index: UInt64(bitPattern: row.int64(first)), term: UInt64(bitPattern: row.int64(first + 1)),
                chain: chain)
        }
        guard let origin = point(3), let cut = point(6) else { return nil }
        let votedFor = row.isNull(2) ? nil : UInt64(bitPattern: row.int64(2))
        let record = PartitionRecord(
            hardState: HardState(term: UInt64(bitPattern: row.int64(1)), votedFor: votedFor), origin: origin, cut: cut)
        return row.int64(9) == Int64(record.checksum(partition)) ? record : nil
    }

    private func checksum(_ partition: UInt16) -> UInt32 {
        var words: [UInt64] = [
            UInt64(partition), hardState.term, hardState.votedFor == nil ? 0 : 1, hardState.votedFor ?? 0,
            origin.index, origin.term, cut.index, cut.term,
        ]
        for index in words.indices { words[index] = words[index].littleEndian }
        var sum = words.span.bytes.withUnsafeBytes { tandem_crc32c(0, $0.baseAddress, $0.count) }
        for chain in [origin.chain, cut.chain] {
            sum = chain.withBytes { tandem_crc32c(sum, $0.baseAddress, $0.count) }
        }
        return sum
    }
}
