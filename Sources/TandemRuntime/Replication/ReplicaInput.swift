internal import TandemConsensus
internal import TandemJournal

extension Replica {
    /// What may be brought to a replica.
    ///
    /// What is large and rare lies apart: with a whole machine in it each message would take a kilobyte on its way.
    enum Input {
        indirect case start(Beginning)
        case propose([JournalEntry], AppendCompletion)
        case message(RaftMessage)
        case ticks(Int)
        /// Of the last part of a step of the journal: the step's number.
        case written(UInt64?, generation: UInt64)
        /// With the first entry of the step.
        case writeFailed(JournalError, from: LogIndex?, generation: UInt64)
        case applied(LogIndex)
        case fetched(LogFetch, [LogEntry], generation: UInt64)
        case connection(NodeID, isUp: Bool)
        case read(@Sendable (LogIndex?) -> Void)
        case confirm(@Sendable (Bool) -> Void)
        case compact(LogIndex)
        indirect case copied(MadeSnapshot?, generation: UInt64)
        indirect case partRead(SnapshotPart?, Snapshot, NodeID, generation: UInt64)
        indirect case partStored(Snapshot, received: UInt64, generation: UInt64)
        indirect case prepared(Snapshot, generation: UInt64)
        indirect case exchanged(Snapshot, StateImage?, generation: UInt64)
        indirect case installed(Snapshot, generation: UInt64)
        case health(JournalHealth)
        case reluctance(Bool)
        case verdict(MarkVotes.Verdict)
        indirect case rebuilt(Raft)
        case unreadable(JournalError)
        case damaged(JournalFinding)
        case forgotten(JournalFinding, JournalError?)
        case transfer(NodeID, @Sendable (ProposalRefusal?) -> Void)
        case change(MembershipChange, @Sendable (ProposalRefusal?) -> Void)
        /// The machine has nothing under way any more.
        case retired(Term)
        case status(@Sendable (RaftStatus?) -> Void)
        case withdraw
        case stop

        var isTick: Bool {
            if case .ticks = self { true } else { false }
        }

        /// Whether it ends a calm: all but what a calm group says to itself.
        var stirs: Bool {
            switch self {
            case .ticks, .status: false
            case .message(let message):
                switch message.body {
                case .heartbeat, .heartbeatReply: false
                case .preVoteRequest, .preVoteReply, .voteRequest, .voteReply, .append, .appendReply, .snapshot,
                    .snapshotReply, .campaignNow, .readRequest, .readReply, .removed, .outdated:
                    true
                }
            case .start, .propose, .written, .writeFailed, .applied, .fetched, .connection, .read, .confirm, .compact,
                .copied, .partRead, .partStored, .prepared, .exchanged, .installed, .health, .reluctance, .verdict,
                .rebuilt, .unreadable, .damaged, .forgotten, .transfer, .change, .retired, .withdraw, .stop:
                true
            }
        }
    }
}
