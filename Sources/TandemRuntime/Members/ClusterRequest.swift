package import TandemConsensus

/// What is asked of a cluster as a whole. Each may be asked again: what was done already is not done twice.
package enum ClusterRequest: Sendable, Equatable {
    package struct Joining: Sendable, Equatable {
        package var node: UInt32
        /// 0: announced by an operator; whichever disk comes first is the one.
        package var disk: UInt64
        package var address: String
        package var formats: ClosedRange<UInt8>

        package init(node: UInt32, disk: UInt64, address: String, formats: ClosedRange<UInt8>) {
            self.node = node
            self.disk = disk
            self.address = address
            self.formats = formats
        }
    }

    package struct Report: Sendable, Equatable {
        var node: UInt32
        var generation: UInt32
        var disk: UInt64
        /// Empty: as it is known.
        var address: String
        var formats: ClosedRange<UInt8>
    }

    case join(Joining)
    /// A joining node has everything.
    case caughtUp(NodeID)
    case drain(UInt32)
    case remove(UInt32)
    /// The disk of this generation is void.
    case replace(UInt32, generation: UInt32)
    /// What a node says of itself.
    case report(Report)
    /// So many nodes vote for each partition from now on.
    case replicas(Replicas)
    /// Hands the leadership of a partition to a node.
    case transfer(partition: UInt16, to: UInt32)
}

/// Why a request of the cluster was not carried out; nothing was changed.
package struct ClusterRefusal: Error, Sendable, Equatable {
    package enum Code: UInt8, Sendable {
        case unknownNode = 1
        case numberTaken = 2
        case tooManyNodes = 3
        case wouldLoseMajority = 4
        /// The node takes no leadership: it drains, its clock is off, has no vote, or lacks too much.
        case mayNotLead = 5
        /// Nobody could decide it in time.
        case noLeader = 6
        /// A node alone that nobody can reach.
        case notReachable = 7
        /// The node does not read what the cluster writes.
        case formatNotRead = 8
    }

    package let code: Code
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}

/// What became of a request at the node that was asked.
enum ClusterAnswer: Sendable, Equatable {
    /// Carried out; how the cluster is since.
    case done(ClusterState)
    case refused(ClusterRefusal)
    /// It does not lead what would decide it.
    case notLeading
}
