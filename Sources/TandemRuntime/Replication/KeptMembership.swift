internal import TandemConsensus
internal import TandemJournal
internal import TandemWire

/// Who takes part, where the log does not say it: behind its beginning. Kept in the journal as facts about the node.
///
/// ```
/// membership.N   a membership entry that is going to be cut, or the last one before the cut
/// snapshot.N     the snapshot that is being installed, or was installed last
/// ```
/// Both are durable before what makes them necessary, and speak only of what is committed. So it does no harm if the
/// cut, or the install, then did not happen: entries that the log has are newer in any case.
enum KeptMembership {
    private static func membershipKey(_ partition: UInt16) -> String { "membership.\(partition)" }
    private static func snapshotKey(_ partition: UInt16) -> String { "snapshot.\(partition)" }

    /// The membership at an entry, if it is not the founders'.
    static func newest(_ log: any EntryLog, _ partition: UInt16, upTo index: LogIndex) -> Membership? {
        // A log that had to forget all it had begins before what was once cut.
        let cut = cut(log, partition).flatMap { $0.index <= index ? $0 : nil }
        guard let installed = installed(log, partition), installed.point.index <= index,
            installed.point.index >= cut?.index ?? 0
        else { return cut?.membership }
        return installed.membership
    }

    static func cut(_ log: any EntryLog, _ partition: UInt16) -> (index: LogIndex, membership: Membership)? {
        guard let entry = read(LogEntry.self, log.meta(membershipKey(partition))),
            case .membership(let membership) = entry.content
        else { return nil }
        return (entry.index, membership)
    }

    static func installed(_ log: any EntryLog, _ partition: UInt16) -> Snapshot? {
        read(Snapshot.self, log.meta(snapshotKey(partition)))
    }

    /// A store that is ahead of the journal is a snapshot's, if it stands where that one does: the journal is about to
    /// begin anew behind it.
    static func isInstalled(_ meta: StateMeta, _ log: any EntryLog, _ partition: UInt16) -> Bool {
        installed(log, partition)?.point == LogPoint(index: meta.applied, term: Term(meta.appliedTerm))
    }

    static func write(_ membership: Membership, at point: LogPoint, of partition: UInt16) -> JournalWrite? {
        let entry = LogEntry(index: point.index, term: point.term, content: .membership(membership))
        return text(entry).map { .meta(key: membershipKey(partition), value: $0) }
    }

    static func write(_ snapshot: Snapshot, of partition: UInt16) -> JournalWrite? {
        text(snapshot).map { .meta(key: snapshotKey(partition), value: $0) }
    }

    // MARK: As text

    /// In the oldest form: a build of the release before may have to read it. Nil for a value over its bounds, of which
    /// there is none that Raft has taken.
    private static func text(_ value: some RaftValue) -> String? {
        (try? RaftCodec.encode(value, in: WireVersion.oldest)).map { HexadecimalText.encode($0) }
    }

    private static func read<Value: RaftValue>(_: Value.Type, _ text: String?) -> Value? {
        guard let bytes = text.flatMap(HexadecimalText.decode) else { return nil }
        return try? RaftCodec.decode(Value.self, bytes)
    }
}
