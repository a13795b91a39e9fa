internal import TandemConsensus

/// Messages between the machines.
extension Simulation {
    func send(_ message: RaftMessage, from machine: Machine, _ replica: Replica) throws(Broken) {
        let message = falsified(message, replica)
        try checker.sent(message)
        guard let target = machines.first(where: { $0.number == message.to.node }) else { return }
        let times = network.arrivals(from: machine.place, to: target.place, now: now)
        coverage[.lostMessages] += times.isEmpty ? 1 : 0
        coverage[.doubledMessages] += times.count == 2 ? 1 : 0
        let fate = times.isEmpty ? " (lost)" : times.count == 2 ? " (twice)" : ""
        trace.note(
            now, "\(message.from) → \(message.to): \(message.words)\(fate)", message.from.value, message.to.value,
            message.term.value, message.kind, UInt64(times.count))
        temptFate(machine, after: message)
        for time in times { queue.add(.arrival(corrupted(message)), at: time) }
    }

    func arrive(_ message: RaftMessage, _ happening: Happening) throws(Broken) {
        guard let machine = machines.first(where: { $0.number == message.to.node }), let replica = machine.replica,
            let sender = machines.first(where: { $0.number == message.from.node }),
            !network.isCut(from: sender.place, to: machine.place)
        else { return }
        if machine.pausedUntil > now {
            queue.add(happening, at: machine.pausedUntil)
            return
        }
        trace.note(now, "  \(message.to) ← \(message.from): \(message.words)", message.term.value, message.kind)
        learn(from: message, replica)
        replica.raft.step(message)
        try pump(machine)
    }

    /// A bit of a snapshot's part may change on the way.
    private func corrupted(_ message: RaftMessage) -> RaftMessage {
        guard case .snapshot(let part) = message.body, !part.bytes.isEmpty, !isQuiet, dice.falls(50) else {
            return message
        }
        var bytes = part.bytes
        bytes[dice.number(below: bytes.count)] ^= 1 << UInt8(dice.number(below: 8))
        var message = message
        message.body = .snapshot(
            SnapshotPart(snapshot: part.snapshot, offset: part.offset, bytes: bytes, checksum: part.checksum))
        return message
    }
}
