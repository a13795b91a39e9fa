internal import Synchronization
internal import TandemWire

/// The format in which a node writes what others read: the newest that every node of its cluster reads, as far as it has
/// heard. It only rises, so that whoever has not heard yet writes what all can read.
package final class AgreedFormat: Sendable {
    private let format: Atomic<UInt8>

    package init(_ format: UInt8 = WireVersion.current) { self.format = Atomic(format) }

    package var now: UInt8 { format.load(ordering: .relaxed) }

    package func raise(to new: UInt8) { _ = format.max(new, ordering: .relaxed) }
}
