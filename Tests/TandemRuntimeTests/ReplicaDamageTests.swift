import TandemConsensus
import TandemCore
import TandemJournal
import Testing

@testable import TandemRuntime

/// What a replica does about a damaged log.
@Suite("Damage and alarms of replicas")
struct ReplicaDamageTests {
    @Test(
        "A damaged entry that there is no room to forget is forgotten when there is, and the log becomes whole",
        arguments: [JournalError.busy(pendingBytes: 1, limit: 1), .diskFull])
    func forgottenLater(refusal: JournalError) throws {
        let group = try Group(3)
        let leader = try group.elect()
        for name in ["One", "Two", "Three"] {
            _ = try group.answer(.tenant(nil, .create(TenantSettings(name: name))), to: leader)
        }
        group.tick(10)
        let damaged = try #require(group.members.first { $0.id != leader.id })
        let entries = damaged.journal.entries
        damaged.journal.refusal = refusal
        damaged.replica.found(JournalFinding(partition: 3, indexes: 3...3, segment: 1, fault: .checksum))
        group.tick(250)
        #expect(damaged.journal.entries == entries && damaged.journal.owed(3) == nil)
        _ = try group.answer(.tenant(nil, .create(TenantSettings(name: "Four"))), to: leader)
        damaged.journal.refusal = nil
        group.tick(50)
        #expect(damaged.journal.entries == entries, "it is tried again every second")
        group.tick(150)
        #expect(damaged.journal.entries.count == leader.journal.entries.count)
        #expect(damaged.journal.owed(3) == nil && damaged.bytes == leader.bytes)
    }
}
