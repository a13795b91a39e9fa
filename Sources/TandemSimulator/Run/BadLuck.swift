internal import TandemConsensus

/// What goes wrong, and its repair.
extension Simulation {
    func inject() throws(Broken) {
        guard !isQuiet else { return }
        queue.add(.fault, at: now + faultDice.number(in: 1...(2 * options.faultPause)))
        guard let kind = faultDice.pick(options.faults) else { return }
        switch kind {
        case .crash: crashSomebody()
        case .pause:
            if let machine = victim() { pause(machine, faultDice.number(in: 20...1_500)) }
        case .isolate, .split, .oneWay, .partial: try cutLinks(kind)
        case .slowLink:
            let (from, to) = (anyPlace(), anyPlace())
            network.slow(by: faultDice.number(in: 5...100), from: from, to: to)
            repairLater(.slowLink(from: from, to: to), within: 1_500)
        case .badNetwork:
            coverage[.badNetworks] += 1
            if !options.isOrdered {
                network.lossPermille = faultDice.number(below: 500)
                network.duplicatePermille = faultDice.number(below: 500)
            }
            network.stragglerPermille = faultDice.number(below: 500)
            repairLater(.badNetwork, within: 1_500)
        case .slowDisk, .hungDisk, .fullDisk, .failingDisk:
            if let machine = victim() { try harmDisk(of: machine, kind) }
        case .wipe, .lostTail: ruin(kind)
        case .rot: rot()
        case .membership: try changeSomething()
        case .transfer: try transferSomewhere()
        }
    }

    private func anyPlace() -> Int { faultDice.number(below: machines.count) }

    /// Some machine that runs, rather often the leader's.
    private func victim() -> Machine? {
        if faultDice.falls(400), let leader { return leader }
        return faultDice.pick(machines.filter(\.isRunning))
    }

    private func repairLater(_ fault: Fault, within limit: Int) {
        queue.add(.repair(fault), at: now + milliseconds(faultDice.number(in: 10...limit)))
    }

    private func crashSomebody() {
        guard let machine = victim() else { return }
        crash(machine)
        repairLater(.crash(machine: machine.place), within: faultDice.falls(300) ? 3_000 : 200)
        // Sometimes all at once, as in a power cut.
        guard faultDice.falls(100) else { return }
        for other in machines where other.isRunning {
            crash(other)
            repairLater(.crash(machine: other.place), within: 300)
        }
    }

    /// A crash at a telling moment: just after something was said.
    func temptFate(_ machine: Machine, after message: RaftMessage) {
        guard !isQuiet else { return }
        let permille =
            switch message.body {
            case .voteRequest, .voteReply: options.voteCrashPermille
            case .append: options.appendCrashPermille
            case .preVoteRequest, .preVoteReply, .appendReply, .heartbeat, .heartbeatReply, .snapshot, .snapshotReply,
                .campaignNow, .readRequest, .readReply, .outdated, .removed:
                options.otherCrashPermille
            }
        guard permille > 0, faultDice.falls(permille) else { return }
        let time = now + faultDice.number(in: 0...400)
        queue.add(.strike(machine: machine.place, life: machine.life), at: time)
    }

    func strike(_ machine: Machine) {
        coverage[.strikes] += 1
        crash(machine)
        repairLater(.crash(machine: machine.place), within: faultDice.falls(300) ? 600 : 20)
    }

    private func pause(_ machine: Machine, _ duration: Int) {
        coverage[.pauses] += 1
        machine.pausedUntil = now + milliseconds(duration)
        trace.note(now, "machine \(machine.number) rests for \(duration) ms", UInt64(machine.number), UInt64(duration))
    }

    // MARK: Links

    private func cutLinks(_ kind: Fault.Kind) throws(Broken) {
        let duration = faultDice.falls(300) ? options.longCutMilliseconds : options.cutMilliseconds
        let one = faultDice.falls(400) ? leader?.place ?? anyPlace() : anyPlace()
        let side = machines.map { _ in faultDice.falls(500) }
        for other in machines.indices where other != one {
            switch kind {
            case .isolate: try cut(one, other, duration, bothWays: true)
            case .oneWay: try cut(side[one] ? one : other, side[one] ? other : one, duration, bothWays: false)
            case .partial: if side[other] { try cut(one, other, duration, bothWays: true) }
            case .split:
                for third in machines.indices where side[other] && !side[third] {
                    try cut(other, third, duration, bothWays: true)
                }
            case .crash, .pause, .slowLink, .badNetwork, .slowDisk, .hungDisk, .fullDisk, .failingDisk, .wipe,
                .lostTail, .membership, .transfer, .rot:
                break
            }
        }
    }

    private func cut(_ from: Int, _ to: Int, _ duration: Int, bothWays: Bool) throws(Broken) {
        for (from, to) in bothWays ? [(from, to), (to, from)] : [(from, to)] {
            guard network.cut(true, from: from, to: to) else { continue }
            coverage[.cuts] += 1
            trace.note(now, "the link from \(from + 1) to \(to + 1) is cut", UInt64(from), UInt64(to))
            repairLater(.cut(from: from, to: to), within: duration)
            if let peer = machines[from].replica?.raft.id, options.noticesConnections, faultDice.falls(300) {
                queue.add(.connection(machine: to, peer: peer, isUp: false), at: now + milliseconds(1))
            }
        }
    }

    // MARK: Disks

    private func harmDisk(of machine: Machine, _ kind: Fault.Kind) throws(Broken) {
        let place = machine.place
        switch kind {
        case .slowDisk:
            coverage[.slowDisks] += 1
            machine.disk?.slowness = faultDice.number(in: 10...200)
            repairLater(.slowDisk(machine: place), within: 2_000)
        case .hungDisk:
            machine.disk?.hungUntil = now + milliseconds(faultDice.number(in: 100...2_500))
            trace.note(now, "the disk of machine \(machine.number) hangs", UInt64(place))
        case .fullDisk:
            machine.disk?.isFull = true
            machine.replica?.raft.diskFull(true)
            trace.note(now, "the disk of machine \(machine.number) is full", UInt64(place))
            repairLater(.fullDisk(machine: place), within: 2_000)
            try pump(machine)
        case .failingDisk:
            coverage[.failedDisks] += 1
            crash(machine)
            repairLater(.failingDisk(machine: place), within: 500)
        case .crash, .pause, .isolate, .split, .oneWay, .partial, .slowLink, .badNetwork, .wipe, .lostTail,
            .membership, .transfer, .rot:
            break
        }
    }

    /// A disk loses what it promised: everything, or the end of its journal. Only as many as can be borne, and only when
    /// nobody doubts who the members are.
    private func ruin(_ kind: Fault.Kind) {
        guard let machine = faultDice.pick(machines.filter(\.isRunning)), let disk = machine.disk,
            let membership = undoubtedMembership, !replacements.contains(where: { $0.new == disk.identity })
        else { return }
        guard canLose(disk.identity, of: membership) else { return }
        crash(machine)
        damaged.append(disk.identity)
        if kind == .wipe {
            coverage[.wipes] += 1
            trace.note(now, "the disk of \(disk.identity) is wiped", disk.identity.value)
            machine.disk = nil
        } else {
            coverage[.lostTails] += 1
            let count = faultDice.number(in: 1...20)
            machine.disk?.loseTail(count)
            trace.note(now, "\(disk.identity) loses up to \(count) entries", disk.identity.value, UInt64(count))
            if machine.disk?.isShort == false { damaged.removeAll { $0 == disk.identity } }
        }
        repairLater(.wipe(machine: machine.place), within: 800)
    }

    /// Whether a majority of whole logs is left without this node's.
    private func canLose(_ node: NodeID, of membership: Membership) -> Bool {
        let lost = membership.voters.count { voter in
            voter == node || damaged.contains(voter) || machines[Int(voter.node) - 1].disk?.owed != nil
        }
        return 2 * lost < membership.voters.count
    }

    /// An entry somewhere in a log has changed; found when the process starts again, as by a journal that is opened.
    private func rot() {
        guard let machine = faultDice.pick(machines.filter(\.isRunning)), let disk = machine.disk,
            let membership = undoubtedMembership, !damaged.contains(disk.identity),
            canLose(disk.identity, of: membership)
        else { return }
        crash(machine)
        guard let log = machine.disk, log.last.index > log.origin.index else {
            return repairLater(.rot(machine: machine.place), within: 100)
        }
        let count = Int(log.last.index - log.origin.index)
        let place =
            log.origin.index
            + LogIndex(faultDice.number(in: faultDice.falls(500) ? max(1, count - 20)...count : 1...count))
        machine.disk?.rot(at: place, isKept: mutation != .forgivenDebt)
        coverage[.rottenLogs] += 1
        trace.note(now, "entry \(place) of \(log.identity) is damaged", log.identity.value, place)
        repairLater(.rot(machine: machine.place), within: 800)
    }

    /// The membership on which all agree: no other is known to anybody, however uncertain.
    private var undoubtedMembership: Membership? {
        var membership: Membership?
        for machine in machines {
            let entries = machine.disk?.entries ?? []
            let isOpen = entries.contains { entry in
                if case .membership = entry.content { entry.index > checker.commit } else { false }
            }
            if isOpen { return nil }
            guard let raft = machine.replica?.raft, raft.commitIndex == checker.commit else { continue }
            guard raft.status.isMembershipCommitted, !raft.membership.isJoint else { return nil }
            membership = raft.membership
        }
        return membership
    }

    // MARK: Repair

    func repair(_ fault: Fault) throws(Broken) {
        switch fault {
        case .crash(let place), .failingDisk(let place), .rot(let place): try start(machines[place])
        case .pause: break  // Ends by itself.
        case .cut(let from, let to):
            if network.cut(false, from: from, to: to) {
                trace.note(now, "the link from \(from + 1) to \(to + 1) is back")
            }
        case .slowLink(let from, let to): network.slow(by: 1, from: from, to: to)
        case .badNetwork:
            network.lossPermille = options.lossPermille
            network.duplicatePermille = options.duplicatePermille
            network.stragglerPermille = options.stragglerPermille
            if isQuiet { network.healAll() }
        case .slowDisk(let place): machines[place].disk?.slowness = 1
        case .hungDisk: break  // Ends by itself.
        case .fullDisk(let place):
            machines[place].disk?.isFull = false
            machines[place].replica?.raft.diskFull(false)
        case .wipe(let place), .lostTail(let place): try readmit(machines[place])
        }
    }

    /// Everything that is broken is repaired, and stays so.
    func healAll() {
        isQuiet = true
        quietCommit = checker.commit
        trace.note(now, "everything is repaired")
        network.healAll()
        for machine in machines {
            machine.pausedUntil = min(machine.pausedUntil, now)
            machine.disk?.hungUntil = 0
            machine.disk?.slowness = 1
            machine.disk?.isFull = false
            machine.replica?.raft.diskFull(false)
            if machine.disk == nil && damaged.contains(NodeID(machine.number, incarnation: machine.incarnation))
                || machine.disk?.isShort == true
            {
                queue.add(.repair(.wipe(machine: machine.place)), at: now)
            } else if machine.disk != nil {
                queue.add(.start(machine: machine.place), at: now)
            }
        }
    }
}
