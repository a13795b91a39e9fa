internal import CLinux
internal import COpenSSL

/// SHA-256 over a partition's log up to an entry: it holds the history together, so that no entry can be exchanged,
/// left out or put in without every later hash being another one.
struct ChainHash: Sendable, Hashable {
    static let byteCount = 32
    /// Before the first entry.
    static let zero = ChainHash(words: (0, 0, 0, 0))

    // The 32 bytes as they lie in memory; plain words, because a hash is copied for each entry.
    private let a: UInt64
    private let b: UInt64
    private let c: UInt64
    private let d: UInt64

    private init(words: (UInt64, UInt64, UInt64, UInt64)) {
        (a, b, c, d) = words
    }

    /// Nil unless there are exactly 32 bytes.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(words: bytes.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self))
    }

    func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try withUnsafeBytes(of: self, body)
    }

    var bytes: [UInt8] { withBytes { [UInt8]($0) } }

    func write(to target: UnsafeMutableRawPointer) {
        target.storeBytes(of: (a, b, c, d), as: (UInt64, UInt64, UInt64, UInt64).self)
    }
}

/// Checksum and chain of entries. Both cover the same header (partition, index, term, time, little-endian) and bytes;
/// the chain also the hash before it. One thread at a time uses one of these.
final class EntryHasher {
    private static let headerBytes = 26
    private let context: OpaquePointer
    private let algorithm: OpaquePointer
    /// The previous hash, then the header.
    private let scratch = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 8)
    private let digest = UnsafeMutableRawPointer.allocate(byteCount: 32, alignment: 8)

    init() {
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil), let context = EVP_MD_CTX_new() else {
            preconditionFailure("OpenSSL has SHA-256 and memory for one context.")
        }
        self.algorithm = algorithm
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_free(algorithm)
        scratch.deallocate()
        digest.deallocate()
    }

    /// CRC-32C over header and bytes.
    static func checksum(_ entry: JournalEntry) -> UInt32 {
        withUnsafeTemporaryAllocation(byteCount: headerBytes, alignment: 8) { header in
            guard let start = header.baseAddress else { return 0 }
            writeHeader(entry, to: start)
            let seed = tandem_crc32c(0, start, headerBytes)
            return entry.bytes.span.bytes.withUnsafeBytes { tandem_crc32c(seed, $0.baseAddress, $0.count) }
        }
    }

    /// What the chain begins with behind a point whose own chain is not known here: a hash of the point itself, made as
    /// of an entry with a time that none has.
    func beginning(partition: UInt16, index: UInt64, term: UInt64) -> ChainHash {
        chain(after: .zero, JournalEntry(partition: partition, index: index, term: term, time: .min, bytes: []))
    }

    /// The chain including `entry`, which follows what `previous` stands for.
    func chain(after previous: ChainHash, _ entry: JournalEntry) -> ChainHash {
        previous.write(to: scratch)
        Self.writeHeader(entry, to: scratch + ChainHash.byteCount)
        var isDone = EVP_DigestInit_ex2(context, algorithm, nil) == 1
        isDone = EVP_DigestUpdate(context, scratch, ChainHash.byteCount + Self.headerBytes) == 1 && isDone
        entry.bytes.span.bytes.withUnsafeBytes { bytes in
            isDone = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 && isDone
        }
        isDone = EVP_DigestFinal_ex(context, digest.assumingMemoryBound(to: UInt8.self), nil) == 1 && isDone
        guard isDone, let hash = ChainHash(UnsafeRawBufferPointer(start: digest, count: ChainHash.byteCount)) else {
            preconditionFailure("SHA-256 in memory does not fail.")
        }
        return hash
    }

    private static func writeHeader(_ entry: JournalEntry, to target: UnsafeMutableRawPointer) {
        target.storeBytes(of: entry.partition.littleEndian, as: UInt16.self)
        target.storeBytes(of: entry.index.littleEndian, toByteOffset: 2, as: UInt64.self)
        target.storeBytes(of: entry.term.littleEndian, toByteOffset: 10, as: UInt64.self)
        target.storeBytes(of: entry.time.littleEndian, toByteOffset: 18, as: Int64.self)
    }
}
