internal import TandemConsensus
internal import TandemRuntime

/// Changes of who takes part in a group, under its running partition.
extension PartitionSimulation {
    /// Asks the leader for a change, and comes back for the next.
    func changeMembers() {
        guard !isQuiet else { return }
        plan(after: milliseconds(memberDice.number(in: 50...1_500))) { [unowned self] in changeMembers() }
        guard let leader, let membership = leader.status?.membership else { return }
        var wish = MembershipChange()
        for member in members { consider(member.id, in: membership, &wish) }
        guard wish != MembershipChange() else { return }
        let words = "promote \(wish.promote), learn \(wish.learn), remove \(wish.remove)"
        trace.note(now, "\(leader.id) is to change \(membership): \(words)", leader.id.value)
        leader.process?.replica.change(wish) { [unowned self, wish] refusal in
            trace.note(now, "the change is \(refusal.map { "refused: \($0)" } ?? "made")", refusal == nil ? 1 : 0)
            guard refusal == nil else { return }
            coverage[.memberChanges] += 1
            coverage[.promotions] += wish.promote.count
            coverage[.learners] += wish.learn.count
        }
    }

    private func consider(_ id: NodeID, in membership: Membership, _ wish: inout MembershipChange) {
        if membership.learners.contains(id) {
            if memberDice.falls(600) {
                wish.promote.append(id)
            } else if memberDice.falls(200) {
                wish.remove.append(id)
            }
        } else if membership.voters.contains(id) {
            if memberDice.falls(150) {
                wish.remove.append(id)
            } else if memberDice.falls(100) {
                wish.learn.append(id)
            }
        } else if memberDice.falls(500) {
            wish.learn.append(id)
        }
    }

    /// Whether a majority has an entry on disk, of the members as somebody knows them now or knew them before this step:
    /// he may have counted before he changed them.
    func isDurable(_ point: LogPoint, for member: Member) -> Bool {
        let memberships = [member.status?.membership, member.seen.membership].compactMap(\.self)
        return (memberships.isEmpty ? [founders] : memberships).contains { membership in
            let verdict = Majority.verdict(in: membership) { id in
                members.first { $0.id == id }?.journal.acknowledged(point)
            }
            return verdict == .won
        }
    }
}
