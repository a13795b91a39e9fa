internal import TandemConsensus

/// A member whose disk broke its promises, and who takes its place.
struct Replacement {
    let old: NodeID
    let new: NodeID
}

/// Somebody who changes the members, moves leaders, and replaces machines.
extension Simulation {
    /// A machine whose disk lost something comes back as another identity, to be admitted anew.
    func readmit(_ machine: Machine) throws(Broken) {
        let old = NodeID(machine.number, incarnation: machine.incarnation)
        guard !machine.isRunning, damaged.contains(old) else { return try start(machine) }
        if mutation == .wipedVoter {
            provide(machine, membership: Membership(voters: (0..<options.founders).map { NodeID(UInt32($0 + 1)) }))
            return try start(machine)
        }
        machine.incarnation += 1
        let new = NodeID(machine.number, incarnation: machine.incarnation)
        if machine.disk == nil {
            provide(machine, membership: .none)
        } else {
            machine.disk?.reidentify(new)
        }
        replacements.append(Replacement(old: old, new: new))
        try start(machine)
    }

    /// Goes on with the first replacement.
    func operate() throws(Broken) {
        queue.add(.operate, at: now + milliseconds(100))
        guard let replacement = replacements.first, let machine = leader, let raft = machine.replica?.raft else {
            return
        }
        let membership = raft.membership
        guard raft.status.isMembershipCommitted, !membership.isJoint else { return }
        let (old, new) = (replacement.old, replacement.new)
        if !membership.contains(old) {
            replacements.removeFirst()
            damaged.removeAll { $0 == old }
        } else if !membership.contains(new) {
            try change(MembershipChange(learn: [new]), at: machine)
        } else {
            try change(MembershipChange(promote: membership.isVoter(old) ? [new] : [], remove: [old]), at: machine)
        }
    }

    func changeSomething() throws(Broken) {
        guard let machine = faultDice.pick(machines.filter { $0.replica?.raft.isLeader == true }),
            let raft = machine.replica?.raft
        else { return }
        // What is committed by now was committed by the members of now.
        try work(machine)
        let membership = raft.membership
        if membership.isJoint { return try cancelChange(at: machine) }
        // Who has to be replaced is reason enough to leave the others.
        guard damaged.isEmpty else { return }
        var wish = MembershipChange()
        for other in machines {
            let id = NodeID(other.number, incarnation: other.incarnation)
            if membership.learners.contains(id) {
                if faultDice.falls(600) {
                    wish.promote.append(id)
                } else if faultDice.falls(200) {
                    wish.remove.append(id)
                }
            } else if membership.voters.contains(id) {
                if faultDice.falls(150) {
                    wish.remove.append(id)
                } else if faultDice.falls(100) {
                    wish.learn.append(id)
                }
            } else if faultDice.falls(500) {
                if other.disk == nil { provide(other, membership: .none) }
                try start(other)
                wish.learn.append(id)
            }
        }
        try change(wish, at: machine)
        // Now and then it is taken back before anybody has answered: by chance alone that would be too rare.
        if machine.replica?.raft.membership.isJoint == true, faultDice.falls(100) { try cancelChange(at: machine) }
    }

    private func cancelChange(at machine: Machine) throws(Broken) {
        guard mutation != .directChange, let replica = machine.replica, (try? replica.raft.cancelChange()) != nil else {
            return
        }
        coverage[.cancelledChanges] += 1
        trace.note(now, "the change at \(replica.raft.id) is cancelled", replica.raft.id.value)
        try pump(machine)
    }

    private func change(_ change: MembershipChange, at machine: Machine) throws(Broken) {
        guard let replica = machine.replica else { return }
        try work(machine)
        if mutation == .directChange, try changeDirectly(change, machine, replica) { return }
        do {
            try replica.raft.change(change)
        } catch {
            return trace.note(now, "\(replica.raft.id) refuses \(change): \(error)", replica.raft.id.value)
        }
        let membership = replica.raft.membership
        trace.note(now, "\(replica.raft.id) changes the members to \(membership)", replica.raft.id.value)
        coverage[.jointMemberships] += membership.isJoint ? 1 : 0
        coverage[.promotions] += change.promote.count
        coverage[.learners] += change.learn.count
        try pump(machine)
    }

    /// A mistake built in: the new membership is written into the leader's journal as it is, and it stands with it.
    private func changeDirectly(
        _ change: MembershipChange, _ machine: Machine, _ replica: Replica
    ) throws(Broken) -> Bool {
        guard let joint = change.applied(to: replica.raft.membership), joint.isJoint, let disk = machine.disk else {
            return false
        }
        // Nothing may be under way: the entry is the next one that the leader of this term could have appended.
        guard replica.raft.last == disk.last, disk.ballot.term == replica.raft.term else { return true }
        crash(machine)
        machine.disk?.forge(
            LogEntry(index: disk.last.index + 1, term: disk.ballot.term, content: .membership(joint.left)))
        try start(machine)
        return true
    }

    func transferSomewhere() throws(Broken) {
        guard let machine = leader, let replica = machine.replica,
            let target = faultDice.pick(replica.raft.membership.voters)
        else { return }
        guard (try? replica.raft.transferLeadership(to: target)) != nil else { return }
        coverage[.transfers] += 1
        trace.note(now, "\(replica.raft.id) is to hand over to \(target)", target.value)
        try pump(machine)
    }
}
