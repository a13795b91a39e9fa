/// Every bound of the transport, with its unit and its reason.
///
/// The constants are properties of the machinery; the rest is set per server and has a default that suits a node.
package struct Limits: Sendable {
    /// Bytes one read asks for. One buffer per loop, so it may be large; larger gains nothing on loopback.
    package static let readBufferBytes = 64 * 1024
    /// Reads one connection makes before the others of the loop have their turn.
    package static let readsPerTurn = 8
    /// Events fetched by one `epoll_wait`.
    package static let eventsPerBatch = 512
    /// Entries of a mailbox whose memory is kept after a burst.
    package static let mailboxKeptCapacity = 65_536
    /// Batches a loop still runs once it is told to stop: work that enqueues itself for ever must not hold it up.
    package static let stopBatches = 1_000

    package init() {}
}
