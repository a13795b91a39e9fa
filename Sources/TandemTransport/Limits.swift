/// Every bound of the transport, with its unit and its reason.
///
/// The constants belong to the machinery; the properties are set per server or client and have defaults that suit a node.
package struct Limits: Sendable {
    // MARK: Loops

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
    /// A loop that did not run for so long has stood still: longer than any batch takes.
    package static let standstillNanoseconds: UInt64 = 5_000_000_000

    // MARK: Connections

    /// Connections a server holds at once; one more is answered 503 and closed.
    package var connectionsMax = 10_000
    /// Refused connections that are still being told so; more than these are closed without a word.
    package var refusalsMax = 64
    /// Connections the system queues before they are accepted.
    package var backlog: Int32 = 1_024
    /// Bytes waiting for a peer to read them. A write that finds more than this drops the connection, so that the memory
    /// of one connection is bounded by this plus one write.
    package var outgoingBytesMax = 4 * 1024 * 1024
    /// A connection with more than this waiting is congested: who can wait should.
    package var highWaterBytes = 256 * 1024
    /// A congested connection is told to go on when less than this waits.
    package var lowWaterBytes = 64 * 1024
    /// How often a peer that has bytes waiting is looked at: it must have taken all of them once, or `stallBytesMin`.
    package var stallMilliseconds: UInt64 = 20_000
    /// What a peer must have taken of what waits in `stallMilliseconds`: as slow as a sender of a body may be.
    package var stallBytesMin = 20 * 1024
    /// How long a closed connection waits for the peer to take the last answer; see `Connection.finish`.
    package var lingerMilliseconds: UInt64 = 2_000
    /// How long connecting may take, the TLS handshake included; a server's side of the handshake too.
    package var connectMilliseconds: UInt64 = 10_000

    // MARK: HTTP

    /// Method, target and version; longer is 414.
    package var requestLineBytesMax = 8 * 1024
    /// All header lines together (trailers too, for themselves); longer is 431.
    package var headerBytesMax = 32 * 1024
    /// Header lines; more is 431.
    package var headersMax = 100
    /// A request's body after de-chunking; longer is 413.
    package var bodyBytesMax = 1024 * 1024
    /// What every request may send of its body without asking for a part of `bodiesBytesMax`: common ones are smaller.
    package static let bodyBytesFree = 16 * 1024
    /// The unfinished bodies of all connections together, as far as each exceeds `bodyBytesFree`; beyond it is 503.
    package var bodiesBytesMax = 256 * 1024 * 1024
    /// One chunk-size line with its extensions; longer is 400.
    package static let chunkLineBytesMax = 1_024
    /// All chunk extensions of one body; more is 400: no honest client sends any.
    package static let chunkExtensionBytesMax = 16 * 1024
    /// A method's name; longer is 501.
    package static let methodBytesMax = 32
    /// Empty lines before a request line that are forgiven (RFC 9112, 2.2).
    package static let emptyLinesMax = 2
    /// Requests of one connection being answered at once; reading waits while there are that many.
    package var pipelinedMax = 32
    /// From the first byte of a request (or the accept) to the end of its header section; longer is 408.
    package var headerMilliseconds: UInt64 = 10_000
    /// A body may take this long plus what `bodyBytesPerSecondMin` allows for the bytes received; longer is 408.
    package var bodyMilliseconds: UInt64 = 10_000
    /// The slowest acceptable sender of a body.
    package var bodyBytesPerSecondMin: UInt64 = 1_024
    /// How long a connection without a request stays open.
    package var keepAliveMilliseconds: UInt64 = 75_000

    // MARK: WebSocket

    /// One frame's payload; longer closes with 1009.
    package var frameBytesMax = 1024 * 1024
    /// One message's payload over all its frames; longer closes with 1009.
    package var messageBytesMax = 1024 * 1024
    /// Bytes waiting for a WebSocket peer; more closes with 1008 (or drops, when not even that is taken).
    package var webSocketOutgoingBytesMax = 1024 * 1024
    /// A peer that was silent this long is pinged.
    package var pingMilliseconds: UInt64 = 20_000
    /// A pinged peer that stays silent this long is dropped.
    package var pongMilliseconds: UInt64 = 20_000
    /// How long a close frame waits for its answer.
    package var closeMilliseconds: UInt64 = 5_000

    package init() {}
}
