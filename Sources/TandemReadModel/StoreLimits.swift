package import TandemCore

/// Bounds of what one call to a store reads or writes.
package enum StoreLimits {
    /// Rows of one page of any list: more would hold a reader's snapshot, and with it the log, for too long.
    package static let pageMax = 1_000
    /// Event rows looked at for one page of a filtered list; a page that meets it may be short and still have a next.
    package static let scannedMax = 20_000
    /// How long the answer to a client's command is remembered, in journaled time; `NodeKey.kept` is for the nodes'.
    package static let commandsKept = Milliseconds.minutes(10)
    /// Events removed in one transaction of `prune`: about 50 ms.
    package static let prunedMax = 10_000
    /// Bytes of SQLite's page cache of one store's writer: the leaves that two thousand lively conversations of one partition
    /// write to fit. Not more: pages behind the end of a table are not read again, and each would be new memory.
    package static let writerCacheBytes = 16 << 20
    /// Bytes of SQLite's page cache of one reader.
    package static let readerCacheBytes = 8 << 20

    /// Bytes that one page takes in the write-ahead log.
    static let logFrameBytes = 4_096 + 24

    static func page(_ limit: Int) -> Int { min(max(limit, 1), pageMax) }
}
