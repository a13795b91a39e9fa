/// One place of the log, filled. Index and term together name its content for good.
package struct LogEntry: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// The first entry of a leader's term: it commits what earlier leaders left behind (Raft, 5.4.2 and 8).
        case opening
        /// What the state machine is for; opaque here.
        case command([UInt8])
        /// Who takes part from here on.
        indirect case membership(Membership)
    }

    package let index: LogIndex
    package let term: Term
    package let content: Content

    package init(index: LogIndex, term: Term, content: Content) {
        self.index = index
        self.term = term
        self.content = content
    }

    package var point: LogPoint { LogPoint(index: index, term: term) }

    /// What the entry counts against every bound in bytes: its content and a share for its frame.
    package var size: Int {
        switch content {
        case .opening: Self.overhead
        case .command(let bytes): Self.overhead + bytes.count
        case .membership(let membership): Self.overhead + 8 * membership.everyone.count
        }
    }

    /// Bytes for index, term, kind and checksum.
    package static let overhead = 32
}
