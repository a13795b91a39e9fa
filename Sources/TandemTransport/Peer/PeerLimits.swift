/// Every bound of the peer protocol, with its unit and its reason.
package struct PeerLimits: Sendable {
    /// A name or an address in a HELLO.
    package static let textBytesMax = 128
    /// The sentence of a refusal.
    package static let refusalBytesMax = 512
    /// A frame's payload while the peer is not known yet: a HELLO has at most 320 bytes today.
    package static let strangerBytesMax = 4 * 1024
    /// Bytes for a peer that the kernel keeps beyond those on their way: what is urgent would wait behind its megabytes.
    package static let unsentBytesMax: Int32 = 128 * 1024
    /// Different troubles that are remembered so as not to be logged again at once.
    package static let troublesMax = 128
    /// The same trouble is logged again after this long.
    package static let troubleSilenceMilliseconds: UInt64 = 60_000

    /// A frame's payload; longer is refused, to the caller here and to the peer there.
    package var frameBytesMax = 16 * 1024 * 1024
    /// From the accept, or the beginning of a dial, to the end of the handshake.
    package var handshakeMilliseconds: UInt64 = 5_000
    /// Accepted connections whose handshake is not over, or whose refusal is on its way; one more ends the oldest. An
    /// honest handshake takes a few round trips.
    package var handshakesMax = 64
    /// Bytes that wait for one peer. A frame that finds more is dropped or refused, so that the memory for a peer is bounded
    /// by this plus one frame.
    package var queueBytesMax = 8 * 1024 * 1024
    /// Who has sent nothing for this long sends a ping; twice as long is the longest silence of a healthy peer.
    package var pingMilliseconds: UInt64 = 100
    /// A peer that is silent, or takes nothing of what waits for it, for this long is lost.
    package var silenceMilliseconds: UInt64 = 1_000
    /// The first pause before dialling again; each failure doubles it.
    package var redialMillisecondsMin: UInt64 = 50
    package var redialMillisecondsMax: UInt64 = 2_000

    package init() {}
}
