internal import Glibc

/// What the transport could not do: a stable code and a sentence.
///
/// Codes are part of what operators search for and never change their meaning.
package struct TransportError: Error, Equatable, CustomStringConvertible {
    /// The stable name of what went wrong.
    package enum Code: String, Sendable {
        /// The system refused a resource (descriptor, thread, memory).
        case resource = "transport.resource"
        /// An address could not be understood, bound or reached.
        case address = "transport.address"
        /// A connection ended or failed before the answer was complete.
        case connection = "transport.connection"
        /// The peer broke the protocol spoken on the connection.
        case protocolViolation = "transport.protocol"
        /// The TLS layer refused: a certificate, a key, a handshake.
        case tls = "transport.tls"
        /// Time ran out. What the peer did with what it was sent is unknown.
        case timeout = "transport.timeout"
        /// A bound in `Limits` was met.
        case limit = "transport.limit"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The failure of the system call just made; reads `errno`.
    static func system(_ code: Code, _ call: String) -> TransportError {
        let number = errno
        return TransportError(code, "\(call): \(String(cString: strerror(number)))")
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
