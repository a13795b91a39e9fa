internal import TandemConsensus

/// Looking at a node after each step.
extension Simulation {
    /// Before a `Ready` is done: what it writes, what it says is committed, what it complains of.
    func check(_ ready: Ready, of replica: Replica) throws(Broken) {
        let raft = replica.raft
        for alarm in ready.alarms { try check(alarm, of: raft) }
        if let write = ready.write {
            for entry in write.entries {
                // The log may have been cut since, but not behind what it is just writing.
                let previous = raft.term(at: entry.index - 1) ?? .zero
                try checker.wrote(entry, after: previous, by: raft.id)
            }
        }
        try checkCommit(upTo: ready.commit, of: replica)
    }

    private func check(_ alarm: RaftAlarm, of raft: Raft) throws(Broken) {
        trace.note(now, "\(raft.id) raises the alarm: \(alarm)", raft.id.value)
        switch alarm {
        case .forgotAcknowledged: coverage[.forgetful] += 1
        case .contradicted(let index, let leader):
            throw Broken(.stateMachineSafety, "\(leader) contradicts what \(raft.id) has committed at \(index)")
        case .secondLeader(let other):
            throw Broken(.electionSafety, "\(raft.id) and \(other) both lead \(raft.term)")
        case .diskStalled:
            coverage[.stalledDisks] += 1
            coverage[.handOvers] += 1
        case .diskFull: coverage[.handOvers] += 1
        case .removed: coverage[.removals] += 1
        }
    }

    private func checkCommit(upTo commit: LogIndex, of replica: Replica) throws(Broken) {
        let raft = replica.raft
        var index = max(replica.seenCommit, raft.origin.index) + 1
        while index <= commit {
            guard let term = raft.term(at: index) else {
                throw Broken(.invariant, "\(raft.id) has committed \(index) and does not hold it")
            }
            let point = LogPoint(index: index, term: term)
            if try checker.committed(point, by: raft.id) {
                coverage[.commits] += 1
                try checkDurable(point, raft)
            }
            index += 1
        }
        if commit < replica.seenCommit { throw Broken(.invariant, "\(raft.id) takes back a commit") }
        replica.seenCommit = commit
    }

    /// Whoever is the first to call something committed: a majority of its voters has it on disk.
    private func checkDurable(_ point: LogPoint, _ raft: Raft) throws(Broken) {
        // Under the membership that was in effect when it was appended or a later one: the latest decides.
        let holds = Majority.verdict(in: raft.membership) { id in
            if damaged.contains(id) { return true }
            let machine = machines[Int(id.node) - 1]
            return machine.disk?.identity == id && machine.disk?.acknowledged(point) == true
        }
        if holds != .won { throw Broken(.durability, "\(raft.id) commits \(point), which no majority has on disk") }
    }

    /// After a node has worked: what it is, and that it is sound.
    func observe(_ replica: Replica) throws(Broken) {
        let raft = replica.raft
        if let broken = raft.brokenInvariant { throw Broken(.invariant, "\(raft.id) \(broken)") }
        guard raft.isLeader else { return }
        if raft.term != replica.seenTerm {
            coverage[.leaders] += 1
            trace.note(now, "\(raft.id) leads \(raft.term) with \(raft.last), of \(raft.membership)", raft.term.value)
            replica.seenTerm = raft.term
        } else if raft.last.index < replica.seenLast.index
            || raft.term(at: replica.seenLast.index).map({ $0 != replica.seenLast.term }) == true
        {
            throw Broken(.appendOnly, "\(raft.id) had \(replica.seenLast) and now ends with \(raft.last)")
        }
        replica.seenLast = raft.last
        try checker.led(raft.id, in: raft.term)
        try checker.checkComplete(raft)
    }
}
