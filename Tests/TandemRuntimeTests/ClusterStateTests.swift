import TandemConsensus
import TandemTransport
import TandemWire
import Testing

@testable import TandemRuntime

@Suite("The state of a cluster")
struct ClusterStateTests {
    private static func member(
        _ node: UInt32, generation: UInt32 = 0, disk: UInt64? = nil, _ role: ClusterState.Role = .serving,
        formats: ClosedRange<UInt8> = 1...2
    ) -> ClusterState.Member {
        ClusterState.Member(
            node: node, generation: generation, disk: disk ?? UInt64(node) * 11, address: "10.0.0.\(node):7500",
            role: role, formats: formats)
    }

    private func state(_ members: ClusterState.Member...) -> ClusterState {
        ClusterState(id: ClusterID(high: 7, low: 8), name: "acme", format: 2, members: members)
    }

    private func joining(_ node: UInt32, disk: UInt64, formats: ClosedRange<UInt8> = 1...2) -> ClusterRequest {
        .join(ClusterRequest.Joining(node: node, disk: disk, address: "10.0.1.\(node):7500", formats: formats))
    }

    private let three = ClusterState(
        id: ClusterID(high: 7, low: 8), name: "acme", format: 2, members: (1...3).map { member($0) })

    private func code(_ body: () throws(ClusterRefusal) -> ClusterState) -> ClusterRefusal.Code? {
        do throws(ClusterRefusal) {
            _ = try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test("A node that joins is there in its first life; asked again, nothing changes")
    func joins() throws {
        let once = try three.changed(by: joining(4, disk: 44), isHere: { $0 != 4 })
        #expect(once.member(4)?.role == .joining)
        #expect(once.member(4)?.id == NodeID(4))
        #expect(once.wanted.count == 4)
        #expect(try once.changed(by: joining(4, disk: 44), isHere: { _ in true }) == once)
        let serving = try once.changed(by: .caughtUp(NodeID(4)), isHere: { _ in true })
        #expect(serving.member(4)?.role == .serving)
        #expect(try serving.changed(by: joining(4, disk: 44), isHere: { _ in true }).member(4)?.role == .serving)
    }

    @Test("A node that comes back with another disk gets a new life; while the old one is there it is refused")
    func comesBack() throws {
        #expect(
            code { () throws(ClusterRefusal) in
                try three.changed(by: joining(3, disk: 99), isHere: { _ in true })
            } == .numberTaken)
        let again = try three.changed(by: joining(3, disk: 99), isHere: { $0 != 3 })
        #expect(again.member(3)?.id == NodeID(3, incarnation: 1))
        #expect(again.member(3)?.role == .joining)
        #expect(again.member(3)?.disk == 99)
        // What was said of the old life means the old one.
        #expect(try again.changed(by: .caughtUp(NodeID(3)), isHere: { _ in true }) == again)
        let report = ClusterRequest.Report(node: 3, generation: 0, disk: 33, address: "10.9.9.9:1", formats: 1...1)
        #expect(try again.changed(by: .report(report), isHere: { _ in true }) == again)
    }

    @Test("A disk that an operator voided: whichever comes next is the one")
    func replaced() throws {
        let void = try three.changed(by: .replace(3, generation: 0), isHere: { $0 != 3 })
        #expect(void.member(3)?.id == NodeID(3, incarnation: 1))
        #expect(void.member(3)?.disk == 0)
        #expect(try void.changed(by: .replace(3, generation: 0), isHere: { $0 != 3 }) == void, "asked again")
        let back = try void.changed(by: joining(3, disk: 99), isHere: { $0 != 3 })
        #expect(back.member(3)?.id == NodeID(3, incarnation: 1))
        #expect(back.member(3)?.disk == 99)
        #expect(
            code { () throws(ClusterRefusal) in
                try three.changed(by: .replace(3, generation: 0), isHere: { $0 == 1 })
            } == .wouldLoseMajority)
    }

    @Test("A node is removed if a majority of the others is there, and comes again only in another life")
    func removed() throws {
        for missing in UInt32(2)...3 {
            #expect(
                code { () throws(ClusterRefusal) in
                    try three.changed(by: .remove(missing == 2 ? 3 : 2), isHere: { $0 != missing })
                } == .wouldLoseMajority)
        }
        let two = try three.changed(by: .remove(3), isHere: { $0 != 3 })
        #expect(two.wanted == [NodeID(1), NodeID(2)])
        #expect(try two.changed(by: .remove(3), isHere: { _ in true }) == two)
        #expect(
            code { () throws(ClusterRefusal) in
                try two.changed(by: .drain(3), isHere: { _ in true })
            } == .unknownNode)
        let back = try two.changed(by: joining(3, disk: 33), isHere: { _ in true })
        #expect(back.member(3)?.id == NodeID(3, incarnation: 1), "its old life is over, though the disk is the same")
        #expect(
            code { () throws(ClusterRefusal) in
                try state(Self.member(1)).changed(by: .remove(1), isHere: { _ in true })
            } == .wouldLoseMajority, "the last one")
        #expect(
            code { () throws(ClusterRefusal) in
                try state(Self.member(1), Self.member(2, .joining)).changed(by: .remove(1), isHere: { _ in true })
            } == .wouldLoseMajority, "who joins has not got everything")
    }

    @Test("A node that drains serves again when it is added again")
    func drains() throws {
        let draining = try three.changed(by: .drain(2), isHere: { _ in true })
        #expect(draining.member(2)?.role == .draining)
        #expect(draining.wanted.count == 3)
        #expect(try draining.changed(by: joining(2, disk: 0), isHere: { _ in true }).member(2)?.role == .serving)
    }

    @Test("The format rises when every node reads it, and never falls")
    func format() throws {
        let mixed = state(Self.member(1, formats: 1...3), Self.member(2, formats: 1...2))
        let report = ClusterRequest.Report(node: 2, generation: 0, disk: 22, address: "", formats: 2...3)
        let raised = try mixed.changed(by: .report(report), isHere: { _ in true })
        #expect(raised.format == 3)
        #expect(raised.member(2)?.address == "10.0.0.2:7500", "it did not say another")
        #expect(
            code { () throws(ClusterRefusal) in
                try raised.changed(by: joining(3, disk: 33, formats: 1...2), isHere: { _ in true })
            } == .formatNotRead, "it could read nothing of what comes")
        #expect(
            code { () throws(ClusterRefusal) in
                try raised.changed(by: joining(3, disk: 33, formats: 4...5), isHere: { _ in true })
            } == .formatNotRead, "it could read nothing of what was")
        let older = ClusterRequest.Report(node: 2, generation: 0, disk: 22, address: "", formats: 1...2)
        #expect(try raised.changed(by: .report(older), isHere: { _ in true }).format == 3)
    }

    @Test("So many nodes vote as an administrator says, whoever is there; asked again, nothing changes")
    func replicas() throws {
        #expect(three.replicas == .three)
        let five = try three.changed(by: .replicas(.five), isHere: { _ in false })
        #expect(five.replicas == .five && five.members == three.members)
        #expect(try five.changed(by: .replicas(.five), isHere: { _ in false }) == five)
        #expect(try five.changed(by: .replicas(.three), isHere: { _ in false }) == three)
    }

    @Test("A cluster has at most nine nodes")
    func tooMany() throws {
        var state = three
        for node in UInt32(4)...9 { state = try state.changed(by: joining(node, disk: 1), isHere: { _ in true }) }
        #expect(
            code { () throws(ClusterRefusal) in
                try state.changed(by: joining(10, disk: 1), isHere: { _ in true })
            } == .tooManyNodes)
    }

    // MARK: Bytes

    private var full: ClusterState {
        ClusterState(
            id: ClusterID(high: 7, low: 8), name: "acme", format: 2, replicas: .five,
            members: [
                Self.member(1), Self.member(2, generation: 3, disk: .max, .joining), Self.member(5, .draining),
                Self.member(65_535, disk: 0, .removed, formats: 2...9),
            ])
    }

    @Test("A state is read as it was written, cut short or longer it is refused")
    func stateBytes() throws {
        let bytes = ClusterCodec.encode(full)
        #expect(bytes.prefix(2) == [0xFF, full.format], "no turn begins like this")
        #expect(try ClusterCodec.decodeState(bytes) == full)
        for count in 0..<bytes.count {
            #expect(throws: WireError.self) { try ClusterCodec.decodeState(Array(bytes.prefix(count))) }
        }
        #expect(throws: WireError.self) { try ClusterCodec.decodeState(bytes + [0]) }
    }

    @Test("Whatever bit is wrong, reading ends with a state or an error")
    func damage() {
        let bytes = ClusterCodec.encode(full)
        for place in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << bit
                guard let state = try? ClusterCodec.decodeState(damaged) else { continue }
                #expect(ClusterCodec.encode(state) == damaged, "one spelling for each value")
            }
        }
    }

    @Test(
        "Requests and answers are read as they were written",
        arguments: [
            ClusterRequest.join(.init(node: 4, disk: 99, address: "[::1]:7500", formats: 1...2)),
            .caughtUp(NodeID(4, incarnation: 2)), .drain(1), .remove(2), .replace(3, generation: 9),
            .report(.init(node: 1, generation: 2, disk: 3, address: "", formats: 4...5)),
            .transfer(partition: 256, to: 3), .replicas(.three), .replicas(.five),
        ])
    func requests(request: ClusterRequest) throws {
        let bytes = ClusterCodec.encode(request, number: 1 << 40, in: 2)
        let read = try ClusterCodec.decodeRequest(bytes)
        #expect(read.number == 1 << 40)
        #expect(read.request == request)
        #expect(throws: WireError.self) { try ClusterCodec.decodeRequest(Array(bytes.dropLast())) }
    }

    @Test("Answers are read as they were written")
    func answers() throws {
        for answer in [
            ClusterAnswer.done(full), .refused(ClusterRefusal(.wouldLoseMajority, "too few")), .notLeading,
        ] {
            let read = try ClusterCodec.decodeAnswer(ClusterCodec.encode(answer, number: 3, in: 2))
            #expect(read.number == 3)
            #expect(read.answer == answer)
        }
    }
}
