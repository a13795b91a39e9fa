internal import CSQLite

/// Ends the running statement of one connection, from any thread; it fails there with `.interrupt`.
package final class InterruptHandle: Sendable {
    /// Followed only with the lock held, and gone before the connection is closed.
    private let connection: Monitor<OpaquePointer?>

    init(connection: OpaquePointer) {
        self.connection = Monitor(connection)
    }

    /// Does nothing when no statement runs or the connection is closed.
    package func interrupt() {
        connection.withLock { open in
            if let open { sqlite3_interrupt(open) }
        }
    }

    func disconnect() {
        connection.withLock { $0 = nil }
    }
}
