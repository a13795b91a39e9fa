internal import Synchronization
package import TandemConsensus
package import TandemCore
package import TandemWire

/// Takes any command on any node and sees to it that it reaches whoever leads its partition.
///
/// A node alone hands it straight to its partition. Where there are others it waits in its partition's lane until
/// somebody leads, is asked of him, and asked again under the same key when nobody knows what became of it: `Outcome.unknown`
/// and `.unavailable` are told only when that has not helped within `ForwardingLimits.timeMax`.
package final class Forwarder: Sendable {
    private let partitions: [Partition]
    private let lanes: [ForwardingLane]
    private let hasOthers = Atomic<Bool>(false)

    /// - Parameters:
    ///   - id: this node as its replicas are called.
    ///   - life: its incarnation; rises with each start.
    package init(
        id: NodeID, life: UInt64, partitions: [Partition], clock: any NodeClock, mail: any NodeMail,
        limits: ForwardingLimits = ForwardingLimits()
    ) {
        self.partitions = partitions
        lanes = partitions.map {
            ForwardingLane(id: id, life: life, partition: $0, clock: clock, mail: mail, limits: limits)
        }
    }

    // MARK: From any thread

    /// Takes a command; `reply` is called once, on the partition's executor.
    package func submit(
        _ command: Command, key: CommandKey?, partition: UInt16, reply: @escaping @Sendable (Outcome) -> Void
    ) {
        guard hasOthers.load(ordering: .relaxed) else {
            return partitions[Int(partition)].submit(command, key: key, reply: reply)
        }
        lanes[Int(partition)].bring(.submit(command, key, reply))
    }

    /// Whether there are other members: as long as there are none, nothing is forwarded and nothing gets a key.
    package func groupChanged(hasOthers: Bool) { self.hasOthers.store(hasOthers, ordering: .relaxed) }

    /// A frame of `NodeMail` has come. Whatever its bytes are, nothing traps.
    ///
    /// - Throws: `WireError` when they are none of ours: the sender has a defect, or speaks another version.
    package func received(_ kind: MailKind, partition: UInt16, bytes: [UInt8], from node: NodeID) throws(WireError) {
        guard Int(partition) < lanes.count else { throw .badNumber }
        let lane = lanes[Int(partition)]
        switch kind {
        case .command: lane.asked(try ForwardingCodec.commands(bytes), by: node)
        case .outcome: lane.bring(.outcomes(try ForwardingCodec.outcomes(bytes), node))
        }
    }

    /// The connection to a node is lost: what was under way there is asked again.
    ///
    /// - Parameter ended: the node's system said so (end or reset of the connection), so its process has probably ended; it
    ///   has not just fallen silent. What was asked of two nodes when they ended, and of the second alone, is not run again.
    package func lost(_ node: NodeID, ended: Bool = false) {
        for lane in lanes { lane.bring(.lost(node, ended: ended)) }
    }

    /// There is a connection to a node; called before its first frame is handed in. After `lost` a node is asked again
    /// only when it is found, or when a replica hears it lead.
    package func found(_ node: NodeID) {
        for lane in lanes { lane.bring(.found(node)) }
    }

    /// As `Replica.onLeaderChange` says.
    package func leaderChanged(partition: UInt16, to node: NodeID?) { lanes[Int(partition)].bring(.leader(node)) }

    /// This node hears too few others for anybody to lead a partition, or enough again.
    func cutOff(partition: UInt16, _ isSo: Bool) { lanes[Int(partition)].bring(.cutOff(isSo)) }

    /// Every 10 ms or so: looks at what has waited too long.
    package func tick() {
        for lane in lanes where lane.hasWaiting { lane.bring(.tick) }
    }

    /// Nobody waits, so that there is nothing to look at.
    var isIdle: Bool { !lanes.contains(where: \.hasWaiting) }

    /// Tells everybody who waits what is known, and turns away who comes after.
    package func stop() {
        for lane in lanes { lane.bring(.stop) }
    }
}
