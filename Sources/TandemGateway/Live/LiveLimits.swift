/// Bounds of live sessions. The transport's own hold beside them: frame and message sizes, bytes a client leaves unread
/// (over it the client is dropped with 1008), pings.
package struct LiveLimits: Sendable {
    /// Commands of one session that are not answered yet; at this many nothing more is read from it until half of them
    /// are.
    package var commandsInFlightMax = 64
    /// Events and answers that wait while a session catches up; over it the client is sent away with 1013, to resume.
    package var heldMax = 10_000
    /// Events of the past that are read from the store at once.
    package var historyPageMax = 256
    /// One indication of typing in so much time is passed on, per session and conversation; the rest says nothing new.
    package var typingMilliseconds: UInt64 = 1_000
    /// A waiting customer is told of a changed place at most once in so much time.
    package var queueFigureMilliseconds: UInt64 = 1_000
    /// Frames in a row that are refused; then the client is taken for broken and closed with 1008.
    package var refusedInRowMax = 100
    /// Customers whose names an agent's session keeps.
    package var namesKeptMax = 1_000
    /// Between two tries to tell the partition that a session has ended, when it was too busy to listen.
    package var retryMilliseconds: UInt64 = 250
    /// How far ahead a timer for a credential's expiry is set; what is further away is looked at again then.
    package var expiryLookMilliseconds: UInt64 = 3_600_000

    package init() {}
}

/// Close codes of live sessions beside those of RFC 6455.
enum LiveClose {
    static let unsupported: UInt16 = 1_003
    static let policy: UInt16 = 1_008
    static let restart: UInt16 = 1_012
    static let tryLater: UInt16 = 1_013
    /// The position to resume from is none, or lies in the future.
    static let badResume: UInt16 = 4_400
    /// The credential has expired or was revoked.
    static let credential: UInt16 = 4_401
}
