import TandemConsensus
import TandemCore
import Testing

@testable import TandemWire

extension WireForm {
    /// The ways in for values of consensus.
    static let raft: [WireForm] = [
        form("raft message") { $0.raftMessage() }, form("log entry") { $0.logEntry() },
        form("log entry's content") { $0.content() }, form("membership") { $0.membership() },
        form("ballot") { $0.ballot() }, form("snapshot") { $0.snapshot() }, form("snapshot's part") { $0.part() },
        form("partial snapshot") { $0.partialSnapshot() }, form("read context") { $0.readContext() },
    ]

    private static func form<Value: RaftValue>(
        _ name: String, _ make: @escaping @Sendable (inout Arbitrary) -> Value
    ) -> WireForm {
        WireForm(
            name: name, make: { arbitrary in (try? RaftCodec.encode(make(&arbitrary))) ?? [] },
            again: { try RaftCodec.encode(RaftCodec.decode(Value.self, $0)) })
    }
}

@Suite("Values of consensus and their bytes")
struct RaftCodecTests {
    @Test("A message of any kind comes back from its bytes", arguments: 0..<Arbitrary.messageKinds)
    func messages(kind: Int) throws {
        var any = Arbitrary(seed: UInt64(kind) + 7_000)
        for _ in 0..<200 { try expectSame(any.raftMessage(kind)) }
    }

    @Test("Whatever a node keeps comes back from its bytes")
    func kept() throws {
        var any = Arbitrary(seed: 7_100)
        for _ in 0..<300 {
            try expectSame(any.logEntry())
            try expectSame(any.content())
            try expectSame(any.membership())
            try expectSame(any.ballot())
            try expectSame(any.snapshot())
            try expectSame(any.part())
            try expectSame(any.partialSnapshot())
            try expectSame(any.readContext())
        }
    }

    @Test("No prefix and no flipped bit of a sample is read as the sample, and none traps")
    func everyBit() throws {
        for sample in RaftSample.all {
            let bytes = try sample.encode(WireVersion.current)
            for length in bytes.indices {
                #expect(throws: WireError.truncated, "\(sample.name) \(length)") {
                    try sample.isRead(Array(bytes[..<length]))
                }
            }
            for bit in 0..<bytes.count * 8 {
                var flipped = bytes
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                do {
                    #expect(try !sample.isRead(flipped), "\(sample.name) \(bit)")
                } catch {
                    #expect(error is WireError, "\(sample.name) \(bit)")
                }
            }
        }
    }

    @Test("A hostile count is refused before anything is allocated")
    func hostileCounts() throws {
        // Each of them asks for more memory than any machine has: allocating on its word would end the process.
        for count in [1 << 40, 1 << 62, UInt64(Int64.max), .max] {
            expectError(.truncated, reading: Membership.self) { $0.writeVarint(count) }
            expectError(.truncated, reading: LogEntry.Content.self) { writer in
                writer.writeByte(1)
                writer.writeVarint(count)
            }
            expectError(.truncated, reading: SnapshotPart.self) { writer in
                writer.writeAll(RaftCodecTests.snapshot, 0 as UInt64)
                writer.writeFixed(0 as UInt64)
                writer.writeVarint(count)
            }
            expectError(.truncated, reading: RaftMessage.self) { writer in
                writer.writeAll(NodeID(1), NodeID(2), Term(1))
                writer.writeByte(4)
                writer.writeAll(LogPoint.beginning, 0 as UInt64, count)
            }
        }
    }

    @Test("A membership has as many nodes as a group may, on both sides")
    func members() throws {
        let limit = Limits.raftMembersMax
        let ids = (0...UInt32(limit)).map { NodeID($0) }
        try expectSame(Membership(voters: Array(ids.dropLast())))
        try expectSame(Membership(voters: Array(ids.dropLast()), outgoing: Array(ids.dropLast())))
        expectTooLong(limit, Membership(voters: ids))
        expectTooLong(limit, Membership(voters: Array(ids[..<8]), outgoing: Array(ids[8...])))
        let large = Membership(voters: [], learners: ids)
        expectTooLong(limit, large)
        expectTooLong(limit, LogEntry(index: 1, term: Term(1), content: .membership(large)))
        expectTooLong(
            limit,
            PartialSnapshot(
                snapshot: Snapshot(point: .beginning, membership: large, size: 1, checksum: 1), received: 0))
    }

    @Test("A membership that is not sorted, or names a node twice, is refused")
    func order() {
        for pair in [[NodeID(2), NodeID(1)], [NodeID(1), NodeID(1)]] {
            let none: [NodeID] = []
            expectError(.badOrder, reading: Membership.self) { $0.writeAll(pair, none, none) }
            expectError(.badOrder, reading: Membership.self) { $0.writeAll(none, pair, none) }
            expectError(.badOrder, reading: Membership.self) { $0.writeAll(none, none, pair) }
        }
    }

    @Test("A command has as many bytes as an entry may, on both sides, and its message then fits")
    func commands() throws {
        let limit = Limits.raftCommandBytesMax
        let bytes = [UInt8](repeating: 7, count: limit)
        let largest = LogEntry(
            index: Limits.raftCounterMax, term: Term(Limits.raftCounterMax), content: .command(bytes))
        try expectSame(largest)
        try expectSame(message([largest]))
        expectTooLong(limit, LogEntry(index: 1, term: Term(1), content: .command(bytes + [7])))
        expectTooLong(limit, message([LogEntry(index: 1, term: Term(1), content: .command(bytes + [7]))]))
        // One entry may be that large; two together are more than a message.
        expectTooLong(Limits.raftMessageBytesMax, message([largest, largest]))
    }

    @Test("An append has as many entries as it may, on both sides")
    func entries() throws {
        let limit = Limits.raftAppendEntriesMax
        let ids = (0..<UInt32(Limits.raftMembersMax)).map { NodeID($0) }
        // The largest that is no command.
        let membership = Membership(voters: ids, outgoing: ids, learners: ids)
        let entry = LogEntry(
            index: Limits.raftCounterMax, term: Term(Limits.raftCounterMax), content: .membership(membership))
        try expectSame(message([LogEntry](repeating: entry, count: limit)))
        let opening = LogEntry(index: 1, term: Term(1), content: .opening)
        expectTooLong(limit, message([LogEntry](repeating: opening, count: limit + 1)))
    }

    @Test("A snapshot's part has as many bytes as it may, on both sides")
    func parts() throws {
        let limit = Limits.raftPartBytesMax
        func part(_ count: Int) -> SnapshotPart {
            SnapshotPart(
                snapshot: Self.snapshot, offset: 0, bytes: [UInt8](repeating: 9, count: count), checksum: 1)
        }
        try expectSame(part(limit))
        expectTooLong(limit, part(limit + 1))
        expectTooLong(
            limit, RaftMessage(from: NodeID(1), to: NodeID(2), term: Term(1), body: .snapshot(part(limit + 1))))
    }

    @Test("A counter that something might overflow is refused wherever it stands")
    func counters() throws {
        let over = Limits.raftCounterMax + 1
        expectError(.badNumber, reading: Ballot.self) { $0.writeAll(over, false) }
        expectError(.badNumber, reading: LogEntry.self) { $0.writeAll(over, Term(1), LogEntry.Content.opening) }
        expectError(.badNumber, reading: LogEntry.self) { $0.writeAll(1 as UInt64, over, LogEntry.Content.opening) }
        let bodies: [RaftMessage.Body] = [
            .append(Append(previous: .beginning, entries: [], commit: over)), .appendReply(.accepted(match: over)),
            .appendReply(.rejected(previous: over, hint: .beginning)), .heartbeat(commit: over, round: 0),
            .heartbeat(commit: 0, round: over), .heartbeatReply(round: over), .removed(asOf: over),
            .readReply(ReadContext(origin: 1, number: 1), index: over),
            .snapshotReply(SnapshotReply(point: .beginning, checksum: 1, received: over)),
            .snapshot(SnapshotPart(snapshot: Self.snapshot, offset: over, bytes: [], checksum: 1)),
            .preVoteRequest(Candidacy(last: LogPoint(index: over, term: .zero), isCalled: false)),
        ]
        for body in bodies {
            expectError(.badNumber, reading: RaftMessage.self) {
                $0.write(RaftMessage(from: NodeID(1), to: NodeID(2), term: Term(1), body: body))
            }
        }
        // The name of a read is no counter: nothing is ever added to it.
        try expectSame(ReadContext(origin: .max, number: .max))
    }

    @Test("What a group with the usual bounds says is within those of the wire")
    func usualBounds() {
        let usual = RaftLimits()
        #expect(usual.members <= Limits.raftMembersMax)
        #expect(usual.entryBytes <= Limits.raftCommandBytesMax + LogEntry.overhead)
        #expect(usual.messageEntries <= Limits.raftAppendEntriesMax)
        #expect(usual.partBytes <= Limits.raftPartBytesMax)
        // An append of several entries counts at least as much as it takes.
        #expect(max(usual.messageBytes, usual.fetchBytes) <= Limits.raftCommandBytesMax)
        #expect(EntryCodec.bytesMax + LogEntry.overhead <= usual.entryBytes)
    }

    private static let snapshot = Snapshot(
        point: LogPoint(index: 9, term: Term(2)), membership: Membership(voters: [NodeID(1)]), size: 10, checksum: 3)

    private func message(_ entries: [LogEntry]) -> RaftMessage {
        let append = Append(previous: .beginning, entries: entries, commit: Limits.raftCounterMax)
        return RaftMessage(
            from: NodeID(1), to: NodeID(2), term: Term(Limits.raftCounterMax), body: .append(append))
    }

    private func expectSame<Value: RaftValue & Equatable>(
        _ value: Value, at place: SourceLocation = #_sourceLocation
    ) throws {
        let bytes = try RaftCodec.encode(value)
        let back = try RaftCodec.decode(Value.self, bytes)
        // Without the values: some are of megabytes.
        #expect((back == value) == true, sourceLocation: place)
        #expect((try RaftCodec.encode(back) == bytes) == true, sourceLocation: place)
    }

    /// The writer refuses the value, and the reader what a writer without bounds would make of it.
    private func expectTooLong<Value: RaftValue>(
        _ limit: Int, _ value: Value, at place: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: WireError.tooLong(limit: limit), sourceLocation: place) { try RaftCodec.encode(value) }
        var writer = WireWriter()
        writer.writeByte(WireVersion.current)
        writer.write(value)
        let bytes = writer.bytes
        #expect(throws: WireError.tooLong(limit: limit), sourceLocation: place) {
            try RaftCodec.decode(Value.self, bytes)
        }
    }

    private func expectError<Value: RaftValue>(
        _ error: WireError, reading _: Value.Type, at place: SourceLocation = #_sourceLocation,
        _ write: (inout WireWriter) -> Void
    ) {
        var writer = WireWriter()
        writer.writeByte(WireVersion.current)
        write(&writer)
        let bytes = writer.bytes
        #expect(throws: error, sourceLocation: place) { try RaftCodec.decode(Value.self, bytes) }
    }
}
