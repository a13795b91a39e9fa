package import TandemConsensus
package import TandemTransport

/// Who belongs to a cluster, and what holds for all of it: a value, agreed on entry by entry in the system partition.
///
/// ```
///   ── joins ──▶ joining ── has everything ──▶ serving ⇄ draining
///                   ▲ replaced, with a new life ──┘  │       │
///                   └────────── joins again ──── removed ◀───┘
/// ```
package struct ClusterState: Sendable, Equatable {
    package enum Role: UInt8, Sendable, CaseIterable {
        /// Has not got everything yet.
        case joining = 1
        case serving = 2
        /// Leads nothing; has its vote.
        case draining = 3
        /// Belongs no more. Its number may come again, in a later life.
        case removed = 4

        package init?(word: String) {
            guard let role = Self.allCases.first(where: { $0.word == word }) else { return nil }
            self = role
        }

        package var word: String {
            switch self {
            case .joining: "joining"
            case .serving: "serving"
            case .draining: "draining"
            case .removed: "removed"
            }
        }
    }

    package struct Member: Sendable, Equatable {
        package let node: UInt32
        /// Rises when the node comes back with another disk.
        package var generation: UInt32
        /// The disk of this generation, which promised what it promised; 0: whichever comes first.
        package var disk: UInt64
        /// Where the others reach it, as numbers: `10.0.0.4:7500`; empty: nowhere.
        package var address: String
        package var role: Role
        /// The formats of entries that it reads.
        package var formats: ClosedRange<UInt8>

        package init(
            node: UInt32, generation: UInt32 = 0, disk: UInt64 = 0, address: String, role: Role,
            formats: ClosedRange<UInt8>
        ) {
            self.node = node
            self.generation = generation
            self.disk = disk
            self.address = address
            self.role = role
            self.formats = formats
        }

        package var id: NodeID { NodeID(node, incarnation: generation) }
        package var belongs: Bool { role != .removed }
    }

    /// Those that belong. Raft counts fifteen in a group, and a change has old and new lives beside each other.
    package static let membersMax = 9
    /// Removed ones too: whose number may come again must not come as who it was.
    static let numbersMax = 256

    package let id: ClusterID
    package let name: String
    /// The newest format that every node reads, in which all of them write; it never falls.
    package private(set) var format: UInt8
    /// Of each partition. Where a partition is placed is for each group's leader to say, from this and the members.
    package private(set) var replicas: Replicas
    /// By number.
    package private(set) var members: [Member]

    package init(id: ClusterID, name: String, format: UInt8, replicas: Replicas = .three, members: [Member]) {
        self.id = id
        self.name = name
        self.format = format
        self.replicas = replicas
        self.members = members.sorted { $0.node < $1.node }
    }

    package func member(_ node: UInt32) -> Member? { members.first { $0.node == node } }

    /// Those that belong, in their present lives.
    package var wanted: [NodeID] { members.filter(\.belongs).map(\.id) }

    // MARK: Changing

    /// What a request makes of it; the same when it has been carried out already.
    ///
    /// - Parameter isHere: whether a node is connected, or is the one that decides.
    func changed(by request: ClusterRequest, isHere: (UInt32) -> Bool) throws(ClusterRefusal) -> ClusterState {
        var state = self
        switch request {
        case .join(let joining): try state.join(joining, isHere)
        case .caughtUp(let id):
            try state.update(id.node) { if $0.id == id, $0.role == .joining { $0.role = .serving } }
        case .drain(let node):
            try state.update(node) { if $0.role == .serving { $0.role = .draining } }
        case .remove(let node): try state.remove(node, isHere)
        case .replace(let node, let generation): try state.replace(node, generation, isHere)
        case .report(let report):
            try state.update(report.node) { member in
                guard member.generation == report.generation else { return }
                member.formats = report.formats
                if !report.address.isEmpty { member.address = report.address }
                if member.disk == 0 { member.disk = report.disk }
            }
        case .replicas(let replicas): state.replicas = replicas
        case .transfer: break  // Not the system partition's.
        }
        let readable = state.members.filter(\.belongs).map(\.formats.upperBound).min() ?? format
        state.format = max(format, readable)
        return state
    }

    private mutating func update(_ node: UInt32, _ body: (inout Member) -> Void) throws(ClusterRefusal) {
        guard let place = members.firstIndex(where: { $0.node == node }), members[place].belongs else {
            throw ClusterRefusal(.unknownNode, "node \(node) does not belong to the cluster")
        }
        body(&members[place])
    }

    private mutating func join(
        _ joining: ClusterRequest.Joining, _ isHere: (UInt32) -> Bool
    ) throws(ClusterRefusal) {
        guard joining.formats.contains(format) else {
            throw ClusterRefusal(
                .formatNotRead,
                "node \(joining.node) reads the formats \(joining.formats.lowerBound) to \(joining.formats.upperBound), and "
                    + "the cluster writes format \(format): start it with a build that reads that one")
        }
        var fresh = Member(
            node: joining.node, disk: joining.disk, address: joining.address, role: .joining,
            formats: joining.formats)
        guard let place = members.firstIndex(where: { $0.node == joining.node }) else {
            try makeRoom()
            members.append(fresh)
            members.sort { $0.node < $1.node }
            return
        }
        let known = members[place]
        fresh.generation = known.generation
        if known.belongs, known.disk == joining.disk || joining.disk == 0 {
            // The same again; or an operator takes back that it drains.
            if known.role == .draining { members[place].role = .serving }
            members[place].address = joining.address
            return
        }
        if known.belongs, known.disk == 0, known.role == .joining {
            // It was announced, and this is it.
            members[place] = fresh
            return
        }
        if known.belongs, isHere(joining.node) {
            throw ClusterRefusal(
                .numberTaken, "node \(joining.node) is there, with another disk: give the new one a number of its own")
        }
        if !known.belongs { try makeRoom() }
        fresh.generation += 1
        members[place] = fresh
    }

    private func makeRoom() throws(ClusterRefusal) {
        guard members.count(where: \.belongs) < Self.membersMax, members.count < Self.numbersMax else {
            throw ClusterRefusal(.tooManyNodes, "a cluster has at most \(Self.membersMax) nodes")
        }
    }

    private mutating func remove(_ node: UInt32, _ isHere: (UInt32) -> Bool) throws(ClusterRefusal) {
        if let member = member(node), !member.belongs { return }
        let rest = members.filter { $0.belongs && $0.node != node }
        let here = rest.count { isHere($0.node) }
        guard here >= Majority.of(rest.count), rest.contains(where: { $0.role != .joining }) else {
            throw ClusterRefusal(
                .wouldLoseMajority,
                "of the \(rest.count) nodes that would be left \(here) are there, which is no majority")
        }
        try update(node) { $0.role = .removed }
    }

    private mutating func replace(
        _ node: UInt32, _ generation: UInt32, _ isHere: (UInt32) -> Bool
    ) throws(ClusterRefusal) {
        let rest = members.filter { $0.belongs && $0.node != node }
        guard !rest.isEmpty, rest.count(where: { isHere($0.node) }) >= Majority.of(rest.count + 1) else {
            throw ClusterRefusal(.wouldLoseMajority, "without node \(node) too few are there to go on")
        }
        try update(node) { member in
            guard member.generation == generation else { return }
            member.generation += 1
            member.disk = 0
            member.role = .joining
        }
    }
}
