internal import TandemTransport

/// What snapshots and their parts are recognised by: the first eight bytes of SHA-256, the first byte the lowest.
enum SnapshotChecksum {
    static func of(_ bytes: [UInt8]) -> UInt64 { word(Digest.sha256(bytes)) }

    /// Waits for the disk.
    static func ofFile(_ path: String) throws -> UInt64 { word(try Digest.sha256(ofFile: path)) }

    private static func word(_ digest: [UInt8]) -> UInt64 {
        digest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
