import TandemConsensus
import TandemTransport
import TandemWire
import Testing

@testable import TandemRuntime

/// Who is spoken to, and where.
@Suite("Who is let in")
struct AdmissionTests {
    private static func member(
        _ node: UInt32, generation: UInt32 = 0, disk: UInt64 = 0, _ role: ClusterState.Role = .serving
    ) -> ClusterState.Member {
        ClusterState.Member(
            node: node, generation: generation, disk: disk, address: "10.0.1.\(node):7500", role: role,
            formats: WireVersion.read)
    }

    private func admission(_ members: ClusterState.Member..., founders: [UInt32: String] = [:]) -> Admission {
        Admission(
            id: NodeID(1), founders: founders,
            state: ClusterState(
                id: ClusterID(high: 7, low: 8), name: "acme", format: WireVersion.current,
                members: [Self.member(1)] + members))
    }

    private func peer(
        _ node: UInt32, generation: UInt32 = 0, disk: UInt64 = 0, formats: ClosedRange<UInt8> = WireVersion.read
    ) -> PeerIdentity {
        PeerIdentity(
            cluster: ClusterID(high: 7, low: 8), node: PeerID(node),
            life: PeerLife(generation: generation, incarnation: 1), formats: formats, disk: disk)
    }

    private func refusal(
        of peer: PeerIdentity, _ admission: Admission, groups: [Membership] = [], journal: HandJournal = HandJournal()
    ) -> String? {
        admission.refusal(of: peer, groups, DiskMemory(log: journal)).map { "\($0)" }
    }

    @Test("A peer that does not read what the cluster writes is refused by its own code, with what to do")
    func formats() {
        let admission = admission(Self.member(2))
        let format = WireVersion.current
        #expect(refusal(of: peer(2), admission) == nil)
        #expect(refusal(of: peer(2, formats: format...(format + 3)), admission) == nil)
        #expect(
            refusal(of: peer(2, formats: 1...(format - 1)), admission)
                == "peer.257: node 2 reads the formats 1 to \(format - 1), and cluster acme writes format \(format): start "
                + "it with a build that reads that one")
        #expect(
            refusal(of: peer(2, formats: (format + 1)...(format + 2)), admission)?.hasPrefix("peer.257: ") == true,
            "nor a build that does not read it any more")
    }

    @Test("Who does not belong is refused in words: never heard of, removed, or in another life")
    func strangers() {
        let admission = admission(Self.member(2), Self.member(3, .removed), Self.member(4, generation: 2))
        #expect(refusal(of: peer(9), admission) == "peer.notAdmitted: node 9 is no member of cluster acme")
        #expect(refusal(of: peer(3), admission) == "peer.notAdmitted: node 3 was removed from cluster acme")
        #expect(
            refusal(of: peer(4, generation: 1), admission)?.contains("node 4 takes part in another life") == true)
        #expect(refusal(of: peer(4, generation: 2), admission) == nil)
    }

    @Test("Who was removed is spoken to as long as it takes part in a group; whose disk was voided is not")
    func stillThere() {
        let admission = admission(Self.member(2, .removed), Self.member(3, generation: 1, .joining))
        let group = Membership(voters: [NodeID(1), NodeID(2), NodeID(3)])
        #expect(refusal(of: peer(2), admission, groups: [group]) == nil)
        #expect(refusal(of: peer(2, generation: 1), admission, groups: [group]) != nil, "not its earlier life")
        #expect(refusal(of: peer(3), admission, groups: [group]) != nil)
        #expect(admission.dialled([group]) == [2: "10.0.1.2:7500", 3: "10.0.1.3:7500"])
        let left = Membership(voters: [NodeID(1), NodeID(3, incarnation: 1)])
        #expect(refusal(of: peer(2), admission, groups: [left]) != nil)
        #expect(admission.dialled([left]) == [3: "10.0.1.3:7500"])
    }

    @Test("A node comes with the disk that promised, as the cluster has it or as this node remembers it")
    func disks() {
        let admission = admission(Self.member(2, disk: 22), Self.member(3))
        #expect(refusal(of: peer(2, disk: 22), admission) == nil)
        #expect(refusal(of: peer(2, disk: 99), admission)?.contains("comes with another disk") == true)
        let journal = HandJournal()
        #expect(refusal(of: peer(3, disk: 33), admission, journal: journal) == nil)
        DiskMemory(log: journal).remember(peer(3, disk: 33))
        _ = journal.answer()
        #expect(refusal(of: peer(3, disk: 33), admission, journal: journal) == nil)
        #expect(refusal(of: peer(3, disk: 34), admission, journal: journal)?.contains("started with --join") == true)
    }

    @Test("Founders are reached where this node was told; whoever came later, and a later life, where it says")
    func addresses() {
        let founders = [UInt32(1): "[::1]:1", 2: "[::1]:2", 3: "[::1]:3"]
        let admission = admission(
            Self.member(2), Self.member(3, generation: 1), Self.member(4),
            ClusterState.Member(node: 5, address: "", role: .serving, formats: WireVersion.read), founders: founders)
        #expect(admission.dialled([]) == [2: "[::1]:2", 3: "10.0.1.3:7500", 4: "10.0.1.4:7500"])
        #expect(admission.others == [2, 3, 4, 5])
    }
}
