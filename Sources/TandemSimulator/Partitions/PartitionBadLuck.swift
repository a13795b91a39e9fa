internal import TandemConsensus
internal import TandemJournal
internal import TandemRuntime

/// What goes wrong with members of a group, and its repair.
extension PartitionSimulation {
    func inject() {
        guard !isQuiet else { return }
        plan(after: faultDice.number(in: 1...(2 * options.faultPause))) { [unowned self] in inject() }
        guard let fault = faultDice.pick(options.faults) else { return }
        switch fault {
        case .crash, .powerCut: crashSomebody(power: fault == .powerCut)
        case .pause:
            guard let member = victim() else { return }
            let span = faultDice.number(in: 20...1_500)
            coverage[.pauses] += 1
            member.pausedUntil = now + milliseconds(span)
            trace.note(now, "\(member.id) rests for \(span) ms", member.id.value, UInt64(span))
        case .isolate, .split, .oneWay, .partial: cutLinks(fault)
        case .slowLink:
            let (from, to) = (anyPlace(), anyPlace())
            network.slow(by: faultDice.number(in: 5...100), from: from, to: to)
            repair(within: 1_500) { [unowned self] in network.slow(by: 1, from: from, to: to) }
        case .badNetwork: spoilNetwork()
        case .slowDisk, .hungDisk, .fullDisk, .failingDisk: if let member = victim() { harmDisk(of: member, fault) }
        case .slowStore:
            guard let member = victim() else { return }
            member.storeSlowness = faultDice.number(in: 10...100)
            repair(within: 1_500) { member.storeSlowness = 1 }
        case .busyExecutor: victim()?.busyUntil = now + milliseconds(faultDice.number(in: 10...1_000))
        case .clockStep:
            guard let member = victim() else { return }
            coverage[.clockSteps] += 1
            setClock(of: member)
        case .transfer: transfer()
        case .rot: rot()
        }
    }

    private func setClock(of member: Member) {
        let near = -options.skew - 200...options.skew + 200
        // A fast clock makes days of hours, and is believed by nobody who counts on it.
        switch faultDice.number(below: options.factor > 1 ? 2 : 4) {
        case 0: member.clock.ahead = faultDice.number(in: near)
        case 1: member.clock.ahead += faultDice.number(in: near)
        default: member.clock.ahead = faultDice.number(in: -3_600_000...3_600_000)
        }
        trace.note(
            now, "the clock of \(member.id) is set \(member.clock.ahead) ms ahead", member.id.value,
            UInt64(bitPattern: Int64(member.clock.ahead)))
    }

    private func anyPlace() -> Int { faultDice.number(below: members.count) }

    /// Some member that runs, rather often the leader.
    private func victim() -> Member? {
        if faultDice.falls(400), let leader { return leader }
        return faultDice.pick(members.filter(\.isRunning))
    }

    /// Afterwards, unless everything is repaired by then.
    private func repair(within limit: Int, _ work: @escaping () -> Void) {
        plan(after: milliseconds(faultDice.number(in: 10...limit))) { [unowned self] in
            if !isQuiet { work() }
        }
    }

    private func crashSomebody(power: Bool) {
        guard let member = victim() else { return }
        // Sometimes all at once, as in a power cut.
        let all = faultDice.falls(150)
        for one in members where one.isRunning && (all || one.id == member.id) {
            crash(one, power: power)
            repair(within: faultDice.falls(300) ? 3_000 : 200) { [unowned self] in start(one) }
        }
    }

    private func spoilNetwork() {
        coverage[.badNetworks] += 1
        if !options.manners.isOrdered {
            network.lossPermille = faultDice.number(below: 500)
            network.duplicatePermille = faultDice.number(below: 500)
        }
        network.stragglerPermille = faultDice.number(below: 500)
        repair(within: 1_500) { [unowned self] in
            network.lossPermille = options.manners.lossPermille
            network.duplicatePermille = options.manners.duplicatePermille
            network.stragglerPermille = options.manners.stragglerPermille
        }
    }

    private func transfer() {
        guard let leader, let target = faultDice.pick(members.filter { $0.id != leader.id }) else { return }
        coverage[.transfers] += 1
        trace.note(now, "\(leader.id) shall hand over to \(target.id)", leader.id.value, target.id.value)
        leader.process?.replica.transferLeadership(to: target.id) { _ in }
    }

    // MARK: Links

    private func cutLinks(_ fault: PartitionOptions.Fault) {
        let duration = (faultDice.falls(300) ? 4 : 1) * options.cutMilliseconds
        let one = faultDice.falls(400) ? leader?.place ?? anyPlace() : anyPlace()
        let side = members.map { _ in faultDice.falls(500) }
        for from in members.indices {
            for to in members.indices where from < to && isCut(from, to, one: one, side: side, fault) {
                let bothWays = fault != .oneWay
                let forth = bothWays || side[from]
                if forth { cut(from, to, duration) }
                if bothWays || !forth { cut(to, from, duration) }
            }
        }
    }

    private func isCut(
        _ from: Int, _ to: Int, one: Int, side: [Bool], _ fault: PartitionOptions.Fault
    ) -> Bool {
        if fault == .split { return side[from] != side[to] }
        guard from == one || to == one else { return false }
        return fault != .partial || side[from == one ? to : from]
    }

    private func cut(_ from: Int, _ to: Int, _ duration: Int) {
        guard network.cut(true, from: from, to: to) else { return }
        coverage[.cuts] += 1
        trace.note(now, "the link from \(from + 1) to \(to + 1) is cut", UInt64(from), UInt64(to))
        repair(within: duration) { [unowned self] in
            if network.cut(false, from: from, to: to) {
                trace.note(now, "the link from \(from + 1) to \(to + 1) is back")
            }
        }
        guard options.noticesConnections, faultDice.falls(300) else { return }
        let (member, peer) = (members[to], members[from].id)
        coverage[.connectionLosses] += 1
        plan(after: milliseconds(1), on: member) { [unowned member] in
            member.process?.replica.connection(to: peer, isUp: false)
        }
    }

    // MARK: Disks

    private func harmDisk(of member: Member, _ fault: PartitionOptions.Fault) {
        if fault == .slowDisk {
            coverage[.slowDisks] += 1
            member.journal.slowness = faultDice.number(in: 10...200)
            repair(within: 2_000) { member.journal.slowness = 1 }
        } else if fault == .hungDisk {
            coverage[.stalledDisks] += 1
            member.journal.hungUntil = now + milliseconds(faultDice.number(in: 100...2_500))
            trace.note(now, "the disk of \(member.id) hangs", member.id.value)
        } else if fault == .fullDisk {
            member.journal.isFull = true
            trace.note(now, "the disk of \(member.id) is full", member.id.value)
            repair(within: 2_000) { [unowned self] in makeRoom(member) }
        } else {
            coverage[.failedDisks] += 1
            member.journal.hasFailed = true
            trace.note(now, "the disk of \(member.id) fails", member.id.value)
            // It serves until somebody ends it.
            repair(within: 1_000) { [unowned self] in
                crash(member, power: false)
                start(member)
            }
        }
    }

    /// An entry changes on a disk: the running process finds it when it reads there, else the next one when it starts. One at
    /// a time, so that a majority is whole.
    private func rot() {
        guard let member = victim(), !options.changesMembers, members.count > 2,
            members.allSatisfy({ $0.journal.rotten == nil && $0.journal.owed(Self.partition) == nil })
        else { return }
        let (first, last) = (member.journal.cut.index + 1, member.journal.last.index)
        guard first <= last else { return }
        let index = first + UInt64(faultDice.number(below: Int(last - first) + 1))
        coverage[.rottenLogs] += 1
        trace.note(now, "entry \(index) of \(member.id) is damaged", member.id.value, index)
        member.journal.rot(at: index)
        switch faultDice.number(below: 3) {
        case 0:
            crash(member, power: faultDice.falls(500))
            repair(within: 500) { [unowned self] in start(member) }
        case 1:
            let finding = JournalFinding(
                partition: Self.partition, indexes: index...index, segment: 1, fault: .checksum)
            member.process?.replica.found(finding)
        default: break  // Whoever reads there finds it.
        }
    }

    private func makeRoom(_ member: Member) {
        member.journal.isFull = false
        trace.note(now, "the disk of \(member.id) has room", member.id.value)
        plan(after: 0, on: member) { [unowned member] in member.process?.replica.diskChanged(.ok) }
    }

    // MARK: Repair

    /// Everything that is broken is repaired, and stays so.
    func healAll() {
        isQuiet = true
        quietCommit = checker.commit
        trace.note(now, "everything is repaired")
        network.healAll()
        for place in clients.indices { clients[place].answersBeforeQuiet = clients[place].answers }
        for member in members {
            member.pausedUntil = min(member.pausedUntil, now)
            member.busyUntil = min(member.busyUntil, now)
            member.storeSlowness = 1
            member.journal.hungUntil = 0
            member.journal.slowness = 1
            if member.journal.hasFailed { crash(member, power: false) }
            if member.journal.isFull { makeRoom(member) }
            start(member)
        }
    }
}
