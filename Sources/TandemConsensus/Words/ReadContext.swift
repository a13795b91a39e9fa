/// The name of one read. Unique for good, restarts included: a late answer to an older read of the same name would let
/// the newer one see the past.
package struct ReadContext: Hashable, Sendable {
    package let origin: UInt64
    package let number: UInt64

    package init(origin: UInt64, number: UInt64) {
        self.origin = origin
        self.number = number
    }
}

/// What became of a read.
package struct ReadAnswer: Sendable, Equatable {
    package let context: ReadContext
    /// The read may be served from a state that contains this entry, on the node that asked. Nil: leadership was lost
    /// or is unknown, ask again under a new name.
    package let index: LogIndex?

    package init(context: ReadContext, index: LogIndex?) {
        self.context = context
        self.index = index
    }
}
