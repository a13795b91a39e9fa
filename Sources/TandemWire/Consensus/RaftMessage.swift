package import TandemConsensus
internal import TandemCore

extension RaftMessage: RaftValue {
    package func checkBounds() throws(WireError) { try body.checkBounds() }

    package func write(to writer: inout WireWriter) { writer.writeAll(from, to, term, body) }

    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(from: reader.read(), to: reader.read(), term: reader.read(), body: reader.read())
    }
}

extension RaftMessage.Body: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case preVoteRequest = 0, preVoteReply = 1, voteRequest = 2, voteReply = 3, append = 4, appendReply = 5
        case heartbeat = 6, heartbeatReply = 7, snapshot = 8, snapshotReply = 9, campaignNow = 10
        case readRequest = 11, readReply = 12, outdated = 13, removed = 14
    }

    fileprivate func checkBounds() throws(WireError) {
        switch self {
        case .append(let append): try append.checkBounds()
        case .snapshot(let part): try part.checkBounds()
        case .preVoteRequest, .preVoteReply, .voteRequest, .voteReply, .appendReply, .heartbeat, .heartbeatReply,
            .snapshotReply, .campaignNow, .readRequest, .readReply, .outdated, .removed:
            break
        }
    }

    package func write(to writer: inout WireWriter) {
        switch self {
        case .preVoteRequest(let candidacy): writer.writeCase(Tag.preVoteRequest, candidacy)
        case .preVoteReply(let isGranted): writer.writeCase(Tag.preVoteReply, isGranted)
        case .voteRequest(let candidacy): writer.writeCase(Tag.voteRequest, candidacy)
        case .voteReply(let isGranted): writer.writeCase(Tag.voteReply, isGranted)
        case .append(let append): writer.writeCase(Tag.append, append)
        case .appendReply(let reply): writer.writeCase(Tag.appendReply, reply)
        case .heartbeat(let commit, let round): writer.writeCase(Tag.heartbeat, commit, round)
        case .heartbeatReply(let round): writer.writeCase(Tag.heartbeatReply, round)
        case .snapshot(let part): writer.writeCase(Tag.snapshot, part)
        case .snapshotReply(let reply): writer.writeCase(Tag.snapshotReply, reply)
        case .campaignNow: writer.writeTag(Tag.campaignNow)
        case .readRequest(let context): writer.writeCase(Tag.readRequest, context)
        case .readReply(let context, let index): writer.writeCase(Tag.readReply, context, index)
        case .outdated: writer.writeTag(Tag.outdated)
        case .removed(let index): writer.writeCase(Tag.removed, index)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .preVoteRequest: self = .preVoteRequest(try reader.read())
        case .preVoteReply: self = .preVoteReply(isGranted: try reader.read())
        case .voteRequest: self = .voteRequest(try reader.read())
        case .voteReply: self = .voteReply(isGranted: try reader.read())
        case .append: self = .append(try reader.read())
        case .appendReply: self = .appendReply(try reader.read())
        case .heartbeat: self = .heartbeat(commit: try reader.readCounter(), round: try reader.readCounter())
        case .heartbeatReply: self = .heartbeatReply(round: try reader.readCounter())
        case .snapshot: self = .snapshot(try reader.read())
        case .snapshotReply: self = .snapshotReply(try reader.read())
        case .campaignNow: self = .campaignNow
        case .readRequest: self = .readRequest(try reader.read())
        case .readReply:
            let context: ReadContext = try reader.read()
            self = .readReply(context, index: try reader.read(Bool.self) ? try reader.readCounter() : nil)
        case .outdated: self = .outdated
        case .removed: self = .removed(asOf: try reader.readCounter())
        }
    }
}

extension Candidacy: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeAll(last, isCalled) }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(last: reader.read(), isCalled: reader.read())
    }
}

/// Whether the entries follow one another is the machine's to judge: it raises the alarm.
extension Append: WireValue {
    /// Of the entries' bytes together the codec knows the bound.
    fileprivate func checkBounds() throws(WireError) {
        guard entries.count <= Limits.raftAppendEntriesMax else {
            throw .tooLong(limit: Limits.raftAppendEntriesMax)
        }
        for entry in entries { try entry.checkBounds() }
    }

    package func write(to writer: inout WireWriter) { writer.writeAll(previous, commit, entries) }

    package init(from reader: inout WireReader) throws(WireError) {
        let previous: LogPoint = try reader.read()
        let commit = try reader.readCounter()
        let entries: [LogEntry] = try reader.readList(atMost: Limits.raftAppendEntriesMax)
        self.init(previous: previous, entries: entries, commit: commit)
    }
}

extension AppendReply: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case accepted = 0, rejected = 1
    }

    package func write(to writer: inout WireWriter) {
        switch self {
        case .accepted(let match): writer.writeCase(Tag.accepted, match)
        case .rejected(let previous, let hint): writer.writeCase(Tag.rejected, previous, hint)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .accepted: self = .accepted(match: try reader.readCounter())
        case .rejected: self = .rejected(previous: try reader.readCounter(), hint: try reader.read())
        }
    }
}
