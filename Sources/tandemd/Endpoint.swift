internal import TandemTransport

/// An address and a port as they are written: `127.0.0.1:7400`.
struct Endpoint: Equatable, Sendable, CustomStringConvertible {
    let host: String
    let port: UInt16

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            colon > text.startIndex
        else { return nil }
        host = String(text[..<colon])
        self.port = port
    }

    var description: String { "\(host):\(port)" }

    /// Asks the resolver when it is a name.
    var address: SocketAddress { get throws(TransportError) { try SocketAddress(host: host, port: port) } }
}
