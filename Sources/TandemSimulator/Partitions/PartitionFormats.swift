internal import TandemReadModel
internal import TandemRuntime
internal import TandemWire

/// The cluster raises its format at some moment, and its members hear of that one after the other. In a build that writes
/// one format only, nothing comes of it.
extension PartitionSimulation {
    func planFormat(_ seed: UInt64) {
        // Of its own, so that what else happens is the same in all builds.
        var dice = Dice(seed: seed ^ 0x666f_726d)
        agreedAt = dice.number(in: 0...options.duration)
        for member in members {
            plan(after: agreedAt + milliseconds(dice.number(in: 0...2_000))) { [unowned member] in
                member.format = WireVersion.current
                member.process?.agreed.raise(to: member.format)
            }
        }
    }

    /// Nobody writes what somebody cannot read yet, and a log never goes back behind a format it has come to.
    func checkFormat(of committed: CommittedEntry) throws(Broken) {
        let format = committed.entry.format
        guard now >= agreedAt || format == WireVersion.oldest else {
            throw Broken(.invariant, "entry \(committed.index) is in format \(format), which not everybody reads")
        }
        guard committed.index > 1, committed.index - 2 < ledger.entries.count else { return }
        let before = ledger.entries[Int(committed.index) - 2].format
        if format < before {
            throw Broken(.invariant, "entry \(committed.index) goes back from format \(before) to \(format)")
        }
    }
}
