/// A state of the state machine, whole: what it stands for, and what it is recognised by.
package struct Snapshot: Sendable, Equatable {
    /// The last entry it contains.
    package let point: LogPoint
    /// Who takes part after that entry.
    package let membership: Membership
    /// Bytes in all.
    package let size: UInt64
    /// The checksum over all bytes, made by who made the snapshot and verified by who installs it.
    package let checksum: UInt64

    package init(point: LogPoint, membership: Membership, size: UInt64, checksum: UInt64) {
        self.point = point
        self.membership = membership
        self.size = size
        self.checksum = checksum
    }
}

/// A piece of a snapshot; an empty one offers it.
package struct SnapshotPart: Sendable, Equatable {
    package let snapshot: Snapshot
    package let offset: UInt64
    package let bytes: [UInt8]
    /// Over `bytes`; made by who read them, verified by who stores them.
    package let checksum: UInt64

    package init(snapshot: Snapshot, offset: UInt64, bytes: [UInt8], checksum: UInt64) {
        self.snapshot = snapshot
        self.offset = offset
        self.bytes = bytes
        self.checksum = checksum
    }
}

/// How far the receiver of a snapshot has come: it has stored all bytes below `received`, and goes on from there, also
/// from another leader that offers the same snapshot. When it is installed an `AppendReply` says so.
package struct SnapshotReply: Sendable, Equatable {
    package let point: LogPoint
    package let checksum: UInt64
    package let received: UInt64

    package init(point: LogPoint, checksum: UInt64, received: UInt64) {
        self.point = point
        self.checksum = checksum
        self.received = received
    }
}

/// A snapshot that is arriving, as far as its bytes are stored.
package struct PartialSnapshot: Sendable, Equatable {
    package let snapshot: Snapshot
    package var received: UInt64

    package init(snapshot: Snapshot, received: UInt64) {
        self.snapshot = snapshot
        self.received = received
    }
}
