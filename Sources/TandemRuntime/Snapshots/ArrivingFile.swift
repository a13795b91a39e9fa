internal import TandemConsensus
internal import TandemJournal
internal import TandemWire

/// A snapshot that is arriving from another node: its bytes so far, and beside them what it is a snapshot of.
///
/// Each part is synced before the next one comes, so after a power cut only the last part's place may hold anything. The
/// bytes are counted by the file's length: to be on the safe side a start takes the last part's length off it.
struct ArrivingFile: Sendable {
    let path: String
    let snapshot: Snapshot
    /// Everything below it is stored, durably.
    private(set) var received: UInt64

    var partial: PartialSnapshot { PartialSnapshot(snapshot: snapshot, received: received) }

    static func path(_ partition: UInt16, in folder: String) -> String { "\(folder)/arriving-\(partition).sqlite" }
    private static func facts(_ path: String) -> String { path + ".meta" }

    /// Begins a file anew.
    init(_ snapshot: Snapshot, at path: String) throws {
        try Self.remove(path)
        self.path = path
        self.snapshot = snapshot
        received = 0
        try FileSystem.write([], at: 0, to: path)
        let facts = Self.facts(path)
        try FileSystem.write(try RaftCodec.encode(snapshot, in: WireVersion.oldest), at: 0, to: facts + ".new")
        try FileSystem.rename(facts + ".new", to: facts)
        try FileSystem.sync(path: FileSystem.parent(of: path))
    }

    /// What an earlier life of the node has left; nil when there is nothing to go on with.
    ///
    /// - Parameter partBytes: the most that a part has.
    init?(leftAt path: String, partBytes: Int) {
        let facts = Self.facts(path)
        guard let count = FileSystem.size(of: facts), count <= Self.factsBytesMax,
            let bytes = try? FileSystem.read(facts, at: 0, count: count),
            let snapshot = try? RaftCodec.decode(Snapshot.self, bytes), let size = FileSystem.size(of: path)
        else { return nil }
        let sure = UInt64(max(0, size - partBytes))
        guard sure <= snapshot.size, (try? FileSystem.truncate(path, to: sure)) != nil else { return nil }
        self.path = path
        self.snapshot = snapshot
        received = sure
    }

    /// Of a snapshot's description: a membership of at most 15 nodes.
    private static let factsBytesMax = 4_096

    /// Adds bytes at the end; when it throws, it is as before.
    mutating func append(_ bytes: [UInt8]) throws(SystemError) {
        do throws(SystemError) {
            try FileSystem.write(bytes, at: received, to: path)
        } catch {
            try? FileSystem.truncate(path, to: received)
            throw error
        }
        received += UInt64(bytes.count)
    }

    func remove() throws(SystemError) { try Self.remove(path) }

    static func remove(_ path: String) throws(SystemError) {
        try FileSystem.remove(facts(path))
        try FileSystem.remove(path)
    }
}
