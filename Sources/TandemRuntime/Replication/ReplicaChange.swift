internal import Synchronization
package import TandemConsensus
internal import TandemJournal

// Changing who takes part while a machine leads. It numbers its entries itself, and a change puts entries of Raft's own
// between them: so it retires first, follows those like any other's, and leads again behind the last of them.
//
// ```
// none ── change ──▶ retiring ── retired ──▶ underWay ── a membership that is not joint is committed ──▶ none
//                        └─ refused ──▶ none      └─ deposed: what becomes of it is the next leader's ──▶ none
// ```

extension Replica {
    struct Changing {
        enum Phase {
            case retiring
            case underWay(ticks: Int)
        }
        let change: MembershipChange
        let done: @Sendable (ProposalRefusal?) -> Void
        var phase = Phase.retiring
    }

    /// Ticks after which the voters of before are gone back to: those who are to decide with them answer, and write
    /// nothing. Until then nothing is done.
    private static let patienceTicks = 500

    /// Changes who takes part. The machine takes no inputs until it is over: what is under way, and two round trips.
    ///
    /// - Parameter done: called when it is over: with nil when the new membership is committed (or, having taken too long,
    ///   the one of before again), else with why nothing was changed; `notLeader` also when nobody here knows.
    package func change(_ change: MembershipChange, done: @escaping @Sendable (ProposalRefusal?) -> Void) {
        bring(.change(change, done))
    }

    // MARK: By who works

    func begin(_ change: MembershipChange, _ done: @escaping @Sendable (ProposalRefusal?) -> Void) {
        guard let raft, let leading, leading.isBegun else { return done(.notLeader(leader)) }
        guard changing == nil else { return done(.changeUnderWay) }
        // What would be refused holds nobody up.
        if let refusal = raft.refusal(of: change) { return done(refusal) }
        changing = Changing(change: change, done: done)
        let term = leading.term
        machine?.retire { [self] in bring(.retired(term)) }
    }

    func retired(in term: Term) {
        guard let leading, leading.term == term, let changing, case .retiring = changing.phase else { return }
        do throws(ProposalRefusal) {
            try raft?.change(changing.change)
            self.leading?.isBegun = false
            self.changing?.phase = .underWay(ticks: 0)
        } catch {
            leadAgain(behind: handed.index)
            finishChange(error)
        }
    }

    private func leadAgain(behind index: LogIndex) {
        guard let term = leading?.term else { return }
        leading?.opening = index
        machine?.lead(term: term.value, after: index)
    }

    func tickChange() {
        guard case .underWay(let ticks) = changing?.phase else { return }
        changing?.phase = .underWay(ticks: ticks + 1)
        // Refused: the joint membership is committed, and the end is near.
        if ticks == Self.patienceTicks { try? raft?.cancelChange() }
    }

    /// A committed membership of this leadership: the machine may lead behind it if nothing of Raft's own can follow. Also
    /// at the beginning of a term, when it ends a change that another leader began.
    func endChange(with entry: LogEntry) {
        guard let leading, !leading.isBegun, leading.term == entry.term, let raft,
            case .membership(let membership) = entry.content, !membership.isJoint, raft.last == entry.point,
            membership.isVoter(id)
        else { return }
        self.leading?.opening = entry.index
    }

    func finishChange(_ refusal: ProposalRefusal?) {
        guard let ended = changing else { return }
        changing = nil
        ended.done(refusal)
    }

    // MARK: Alone

    /// Remembered for good, with the first membership that names another voter or before it.
    static func sharedKey(_ partition: UInt16) -> String { "shared.\(partition)" }

    /// What has to be durable with entries: that there are, or were, others who decide.
    func noteVoters(of entries: [LogEntry]) -> JournalWrite? {
        guard decidesAlone else { return nil }
        for entry in entries {
            guard case .membership(let membership) = entry.content, membership.voters != [id] || membership.isJoint
            else { continue }
            isAlone.store(false, ordering: .sequentiallyConsistent)
            return .meta(key: Self.sharedKey(partition), value: "true")
        }
        return nil
    }
}

extension LogEntry {
    var isMembership: Bool {
        switch content {
        case .membership: true
        case .opening, .command: false
        }
    }
}
