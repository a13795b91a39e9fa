/// A message in words, for stories and logs: ids and numbers, nothing of what entries say.
extension RaftMessage: CustomStringConvertible {
    package var description: String { "\(from) → \(to): \(words)" }

    package var words: String {
        switch body {
        case .preVoteRequest(let candidacy): "\(term) would you vote? (\(candidacy.last))"
        case .preVoteReply(let isGranted): "\(term) would\(isGranted ? "" : " not") vote"
        case .voteRequest(let candidacy): "\(term) vote! (\(candidacy.last)\(candidacy.isCalled ? ", called" : ""))"
        case .voteReply(let isGranted): "\(term) \(isGranted ? "votes" : "does not vote")"
        case .append(let append):
            "\(term) append \(append.entries.count) behind \(append.previous), commit \(append.commit)"
        case .appendReply(.accepted(let match)): "\(term) holds \(match)"
        case .appendReply(.rejected(let previous, let hint)): "\(term) lacks \(previous), perhaps \(hint)"
        case .heartbeat(let commit, let round): "\(term) heartbeat, commit \(commit), round \(round)"
        case .heartbeatReply(let round): "\(term) answers round \(round)"
        case .snapshot(let part): "\(term) snapshot \(part.snapshot.point), \(part.bytes.count) at \(part.offset)"
        case .snapshotReply(let reply): "\(term) has \(reply.received) of snapshot \(reply.point)"
        case .campaignNow: "\(term) stand now"
        case .readRequest(let context): "\(term) read \(context.number)?"
        case .readReply(let context, let index): "\(term) read \(context.number) at \(index.map(String.init) ?? "–")"
        case .outdated: "\(term) is the term"
        case .removed(let index): "\(term) you are out since \(index)"
        }
    }
}
