import KeptForms
import TandemConsensus
import TandemTransport
import TandemWire
import Testing

@testable import TandemRuntime

/// What nodes of each format said and kept about their cluster: `Tests/Compatibility`.
@Suite("What earlier versions wrote about a cluster")
struct ClusterCompatibilityTests {
    private static func state(_ format: UInt8) -> ClusterState {
        func member(_ node: UInt32, _ generation: UInt32, _ disk: UInt64, _ role: ClusterState.Role)
            -> ClusterState.Member
        {
            ClusterState.Member(
                node: node, generation: generation, disk: disk, address: "10.0.0.\(node):7500", role: role,
                formats: 1...format)
        }
        return ClusterState(
            id: ClusterID(high: 0x0011_2233_4455_6677, low: 0x8899_aabb_ccdd_eeff), name: "Zürich", format: format,
            replicas: .five,
            members: [
                member(1, 0, 11, .serving), member(2, 3, .max, .joining), member(5, 0, 55, .draining),
                member(65_535, 1, 0, .removed),
            ])
    }

    private static let requests: [(String, ClusterRequest)] = [
        ("join", .join(.init(node: 4, disk: 99, address: "[::1]:7500", formats: 1...2))),
        ("caughtUp", .caughtUp(NodeID(4, incarnation: 2))), ("drain", .drain(1)), ("remove", .remove(2)),
        ("replace", .replace(3, generation: 9)),
        ("report", .report(.init(node: 1, generation: 2, disk: 3, address: "10.0.0.1:7500", formats: 1...2))),
        ("transfer", .transfer(partition: 256, to: 3)), ("replicas", .replicas(.five)),
    ]

    private static func answers(_ format: UInt8) -> [(String, ClusterAnswer)] {
        let codes: [ClusterRefusal.Code] = [
            .unknownNode, .numberTaken, .tooManyNodes, .wouldLoseMajority, .mayNotLead, .noLeader, .notReachable,
            .formatNotRead,
        ]
        return codes.map { ("refused \($0)", .refused(ClusterRefusal($0, "why"))) }
            + [("done", .done(state(format))), ("notLeading", .notLeading)]
    }

    private static func today(_ format: UInt8) -> [KeptForms.Line] {
        [("state", ClusterCodec.encode(state(format)))]
            + requests.map { ("request \($0.0)", ClusterCodec.encode($0.1, number: 1 << 40, in: format)) }
            + answers(format).map { ("answer \($0.0)", ClusterCodec.encode($0.1, number: 3, in: format)) }
    }

    @Test("Each value is still written as it was, in every format that is still written")
    func writing() throws {
        for format in KeptForms.written {
            let wrong = try KeptForms.differences("cluster", format: format, today: Self.today(format))
            #expect(wrong.isEmpty, "format \(format)")
        }
    }

    @Test("Each value of every format is still read as it was meant")
    func reading() throws {
        var read = 0
        for format in KeptForms.formats {
            let kept = try KeptForms.lines("cluster", format: format)
            if let bytes = kept["state"] { #expect(try ClusterCodec.decodeState(bytes) == Self.state(format)) }
            for (name, request) in Self.requests {
                guard let bytes = kept["request \(name)"] else { continue }
                let (number, meant) = try ClusterCodec.decodeRequest(bytes)
                #expect(number == 1 << 40 && meant == request, "\(name)")
            }
            for (name, answer) in Self.answers(format) {
                guard let bytes = kept["answer \(name)"] else { continue }
                let (number, meant) = try ClusterCodec.decodeAnswer(bytes)
                #expect(number == 3 && meant == answer, "\(name)")
            }
            read += kept.count
        }
        #expect(read > 0)
    }
}
