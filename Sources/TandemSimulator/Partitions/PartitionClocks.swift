internal import TandemConsensus
internal import TandemRuntime

/// What members tell each other of their wall clocks, and who hands over because of it: as nodes do, over the run's network.
extension PartitionSimulation {
    func makeRounds(of member: Member, _ clock: TrustedClock, _ replica: TandemRuntime.Replica) -> ClockRounds {
        let rounds = ClockRounds(node: member.id.node, clock: clock) { [unowned self, id = member.id] words in
            trace.note(now, "\(id): \(words)", id.value)
        }
        rounds.set(members.filter { $0.id != member.id }.map(\.id.node))
        rounds.start { [unowned self, unowned member] isAnswer, bytes, node in
            carry(bytes, isAnswer: isAnswer, from: member, to: members[Int(node) - 1])
        } changed: { [unowned self, id = member.id] isReluctant in
            coverage[.reluctances] += isReluctant ? 1 : 0
            trace.note(now, "\(id) \(isReluctant ? "lets others lead" : "may lead")", id.value, isReluctant ? 1 : 0)
            replica.reluctant(isReluctant)
        }
        return rounds
    }

    private func carry(_ bytes: [UInt8], isAnswer: Bool, from member: Member, to target: Member) {
        for time in network.arrivals(from: member.place, to: target.place, now: now) {
            plan(after: time - now) { [unowned self, unowned member, unowned target] in
                guard target.isRunning, !network.isCut(from: member.place, to: target.place) else { return }
                plan(after: 0, on: target) { [unowned self, unowned member, unowned target] in
                    guard let rounds = target.process?.rounds else { return }
                    let node = member.id.node
                    let isRead = isAnswer ? rounds.heard(bytes, from: node) : rounds.asked(bytes, by: node)
                    if !isRead {
                        check { () throws(Broken) in throw Broken(.invariant, "\(target.id) cannot read of clocks") }
                    }
                }
            }
        }
    }

    /// A node has connections to others, or is lost to them.
    func introduce(_ member: Member, isUp: Bool) {
        for other in members where other.isRunning && other.id != member.id {
            if isUp {
                other.process?.rounds?.found(member.id.node)
                member.process?.rounds?.found(other.id.node)
            } else {
                other.process?.rounds?.lost(member.id.node)
            }
        }
    }

    /// With each tick: asks, looks, and hands over what it is not to lead.
    func beatClocks(of member: Member) {
        guard let rounds = member.process?.rounds else { return }
        rounds.beat(at: member.clock.monotonic())
        guard rounds.isOff, now >= member.handOverDue else { return }
        member.handOverDue = now + milliseconds(200)
        guard let status = member.status, case .leader = status.standing else { return }
        let heirs = status.peers.filter {
            status.membership.voters.contains($0.id) && $0.state == .replicating && rounds.mayLead($0.id.node)
        }
        guard let heir = heirs.isEmpty ? nil : heirs[Int(now / milliseconds(200)) % heirs.count] else { return }
        coverage[.clockHandOvers] += 1
        trace.note(now, "\(member.id) is off, and hands over to \(heir.id)", member.id.value, heir.id.value)
        member.process?.replica.transferLeadership(to: heir.id) { _ in }
    }

    /// How a member that proposes knows the time.
    func sight(of member: Member) -> TimeWatch.Sight {
        TimeWatch.Sight(
            life: member.life, member: member.place, followed: member.seen.followed,
            wall: (member.process?.clock ?? member.clock).wall())
    }

    // MARK: Checks

    /// In the end nobody leads whose clock is surely off, if a voter could whose clock is not.
    func clockTrouble(of leader: Member) -> String? {
        guard members.count > 1, let membership = leader.status?.membership else { return nil }
        let median = members.map(\.clock.ahead).sorted()[members.count / 2]
        func distance(_ member: Member) -> Int { abs(member.clock.ahead - median) }
        let hasHeir = members.contains { membership.voters.contains($0.id) && distance($0) < 390 }
        guard distance(leader) > 700, hasHeir else { return nil }
        return "\(leader.id) leads, and its clock is \(distance(leader)) ms from the median"
    }
}
