internal import TandemConsensus

/// A message as a number, for fingerprints.
extension RaftMessage {
    var kind: UInt64 {
        switch body {
        case .preVoteRequest: 1
        case .preVoteReply(let isGranted): isGranted ? 2 : 3
        case .voteRequest: 4
        case .voteReply(let isGranted): isGranted ? 5 : 6
        case .append(let append): 7 &+ append.previous.index << 16 &+ UInt64(append.entries.count) << 8
        case .appendReply(.accepted(let match)): 8 &+ match << 8
        case .appendReply(.rejected(let previous, _)): 9 &+ previous << 8
        case .heartbeat(let commit, let round): 10 &+ commit << 8 &+ round << 40
        case .heartbeatReply(let round): 11 &+ round << 8
        case .snapshot(let part): 12 &+ part.offset << 8
        case .snapshotReply(let reply): 13 &+ reply.received << 8
        case .campaignNow: 14
        case .readRequest(let context): 15 &+ context.number << 8
        case .readReply(let context, let index): 16 &+ context.number << 8 &+ (index ?? 0) << 40
        case .outdated: 17
        case .removed(let index): 18 &+ index << 8
        }
    }
}
