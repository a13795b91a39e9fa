package import TandemCore

/// What a node makes its own keys of: a command that came without one is asked of other nodes under such a key, and
/// asked again under the same when its outcome is unknown.
///
/// ```
/// high  mark 32 │ node 32
/// low   disk 6 │ life 10 │ number 48
/// body  the fingerprint of the command's bytes
/// ```
/// The keys of clients are digests: one in four thousand million looks like this. It is remembered for a shorter time,
/// and that is all.
package struct NodeKey: Hashable, Sendable {
    /// How long the answer is remembered, in journaled time: twice as long as a node may ask again, and no longer: a
    /// busy cluster makes tens of thousands in a second.
    package static let kept = Milliseconds.seconds(20)
    private static let mark: UInt64 = 0x6e6f_6465
    private static let numberMask: UInt64 = 0xffff_ffff_ffff

    package let node: UInt32
    /// The low bits of what counts the node's disks and its starts on each: keys of its earlier lives are others.
    package let life: UInt16
    /// Rises with each command of a partition on that node; 48 bits.
    package let number: UInt64

    package init(node: UInt32, disk: UInt32 = 0, life: UInt64, number: UInt64) {
        self.node = node
        self.life = UInt16(disk & 0x3f) << 10 | UInt16(life & 0x3ff)
        self.number = number & Self.numberMask
    }

    /// Nil for the key of a client.
    package init?(_ key: CommandKey) {
        guard key.high >> 32 == Self.mark else { return nil }
        node = UInt32(truncatingIfNeeded: key.high)
        life = UInt16(truncatingIfNeeded: key.low >> 48)
        number = key.low & Self.numberMask
    }

    package func key(body: UInt64) -> CommandKey {
        CommandKey(high: Self.mark << 32 | UInt64(node), low: UInt64(life) << 48 | number, body: body)
    }

    /// What `CommandKey.high` of such keys is, as a store keeps it.
    package static let storedHighs: ClosedRange<Int64> = {
        Int64(bitPattern: mark << 32)...Int64(bitPattern: mark << 32 | 0xffff_ffff)
    }()
}
