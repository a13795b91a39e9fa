import TandemTransport
import Testing

@testable import TandemRuntime

@Suite("Whose disk is whose")
struct DiskMemoryTests {
    private func peer(_ node: UInt32, disk: UInt64) -> PeerIdentity {
        PeerIdentity(
            cluster: ClusterID(high: 1, low: 2), node: PeerID(node), life: PeerLife(incarnation: 1), formats: 1...2,
            disk: disk)
    }

    @Test("The disk a node comes with first is remembered in the journal, and no other is let in")
    func remembers() {
        let journal = HandJournal()
        let memory = DiskMemory(log: journal)
        #expect(memory.refusal(of: peer(2, disk: 77)) == nil)
        memory.remember(peer(2, disk: 77))
        #expect(memory.refusal(of: peer(2, disk: 77)) == nil)
        let refusal = memory.refusal(of: peer(2, disk: 78))
        #expect(refusal?.code == DiskMemory.otherDisk)
        #expect(refusal?.description.contains("node 2") == true)
        #expect(memory.refusal(of: peer(3, disk: 78)) == nil, "that of another node")
        memory.remember(peer(2, disk: 78))
        #expect(memory.refusal(of: peer(2, disk: 77)) == nil, "the first is kept")
        while journal.answer() {}
        #expect(journal.facts == ["disk of node 2": "77"])
    }

    @Test("What the journal remembers holds in the next life")
    func nextLife() {
        let journal = HandJournal()
        DiskMemory(log: journal).remember(peer(2, disk: 77))
        while journal.answer() {}
        let memory = DiskMemory(log: journal)
        #expect(memory.refusal(of: peer(2, disk: 77)) == nil)
        #expect(memory.refusal(of: peer(2, disk: 78))?.code == DiskMemory.otherDisk)
        #expect(memory.refusal(of: peer(2, disk: 0))?.code == DiskMemory.otherDisk, "it does not say")
    }

    @Test("A new life has a disk of its own; what the cluster agreed on goes before what was seen here")
    func generations() {
        let journal = HandJournal()
        let memory = DiskMemory(log: journal)
        memory.remember(peer(2, disk: 77))
        let life = PeerLife(generation: 1, incarnation: 1)
        let again = PeerIdentity(
            cluster: ClusterID(high: 1, low: 2), node: PeerID(2), life: life, formats: 1...2, disk: 78)
        #expect(memory.refusal(of: again) == nil)
        #expect(memory.refusal(of: again, agreed: 79)?.code == DiskMemory.otherDisk)
        #expect(memory.refusal(of: peer(2, disk: 99), agreed: 99) == nil)
    }

    @Test("A node that does not say which disk it has is not remembered by it")
    func silent() {
        let journal = HandJournal()
        let memory = DiskMemory(log: journal)
        memory.remember(peer(2, disk: 0))
        #expect(memory.refusal(of: peer(2, disk: 77)) == nil)
        while journal.answer() {}
        #expect(journal.facts.isEmpty)
    }
}
