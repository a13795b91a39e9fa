package import TandemConsensus

/// How nodes hand one another what is no business of Raft's. It may be lost; the frames to one node keep their order.
package protocol NodeMail: AnyObject, Sendable {
    /// Returns at once; any thread.
    func send(_ kind: MailKind, partition: UInt16, _ bytes: [UInt8], to node: NodeID)
}

/// The kinds of frame, as `PeerFrame.kind` has them.
package enum MailKind: UInt8, Sendable {
    /// `ForwardedCommands`.
    case command = 17
    /// `ForwardedOutcomes`.
    case outcome = 18
}

/// A node alone writes to nobody.
package final class NoMail: NodeMail {
    package init() {}
    package func send(_ kind: MailKind, partition: UInt16, _ bytes: [UInt8], to node: NodeID) {}
}
