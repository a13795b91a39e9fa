/// The opening handshake (RFC 6455, 4).
package enum WebSocketHandshake {
    enum Answer {
        /// The header lines of the 101.
        case accepted(HTTPHeaders)
        case refused(Refusal)
    }

    /// Why a request cannot become a WebSocket.
    package struct Refusal: Sendable {
        /// 426 where the client should speak another protocol or version (the answer then has `needed`), else 400.
        package let status: Int
        /// The header that is at fault, where one is.
        package let header: String?
        package let reason: String
    }

    /// What an answer with 426 says (RFC 9110, 15.5.22; RFC 6455, 4.4).
    package static let needed = [
        ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
    ]

    /// The value that proves that the key was read.
    static func accept(key: [UInt8]) -> String {
        Base64.encode(Digest.sha1(key + Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)))
    }

    /// Why `request` cannot become a WebSocket; nil when it can.
    package static func refusal(of request: HTTPRequest) -> Refusal? {
        func refusal(_ header: String?, _ reason: String, status: Int = 400) -> Refusal {
            Refusal(status: status, header: header, reason: reason)
        }
        let headers = request.headers
        guard headers.listContains("upgrade", "websocket") else {
            return refusal(nil, "This address speaks WebSocket.", status: 426)
        }
        guard request.method == .get, !request.isVersion10, request.body.isEmpty else {
            return refusal(nil, "A WebSocket begins with a GET of HTTP/1.1 without a body.")
        }
        guard headers.listContains("connection", "upgrade") else {
            return refusal("Connection", "Connection must name upgrade.")
        }
        guard headers.all("sec-websocket-version") == ["13"] else {
            return refusal("Sec-WebSocket-Version", "Only version 13 is spoken here.", status: 426)
        }
        guard headers.all("sec-websocket-key").count == 1, let key = headers.firstBytes("sec-websocket-key"),
            Base64.decodedCount(key) == 16
        else { return refusal("Sec-WebSocket-Key", "Sec-WebSocket-Key must be 16 bytes in Base64.") }
        return nil
    }

    /// A server's answer to `request`. `subprotocols` are those spoken here, the best first.
    static func answer(_ request: HTTPRequest, _ subprotocols: [String]) -> Answer {
        if let refusal = refusal(of: request) { return .refused(refusal) }
        let headers = request.headers
        let key = headers.firstBytes("sec-websocket-key") ?? []
        var lines: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept(key: key),
        ]
        let offered = headers.all("sec-websocket-protocol").flatMap { line in
            line.split(separator: ",").map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
        }
        if let chosen = subprotocols.first(where: offered.contains) {
            lines.add("Sec-WebSocket-Protocol", chosen)
        }
        return .accepted(lines)
    }

    /// A client's request.
    static func request(
        target: String, key: String, headers: HTTPHeaders, subprotocols: [String]
    ) -> HTTPClientRequest {
        var lines = headers
        lines.add("Upgrade", "websocket")
        lines.add("Connection", "Upgrade")
        lines.add("Sec-WebSocket-Version", "13")
        lines.add("Sec-WebSocket-Key", key)
        if !subprotocols.isEmpty { lines.add("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", ")) }
        return HTTPClientRequest("GET", target, headers: lines)
    }

    /// Checks a server's answer; returns the subprotocol it chose.
    static func check(
        _ response: HTTPResponse, key: String, subprotocols: [String]
    ) throws(TransportError) -> String? {
        guard response.status == 101 else {
            throw TransportError(
                .protocolViolation, "the server answered \(response.status), not 101: \(response.text)")
        }
        guard response.headers.listContains("upgrade", "websocket"),
            response.headers.listContains("connection", "upgrade"),
            response.header("sec-websocket-accept") == accept(key: Array(key.utf8)),
            response.header("sec-websocket-extensions") == nil
        else { throw TransportError(.protocolViolation, "the server's 101 does not answer this handshake") }
        guard let chosen = response.header("sec-websocket-protocol") else { return nil }
        guard subprotocols.contains(chosen) else {
            throw TransportError(.protocolViolation, "the server chose a subprotocol that was not offered")
        }
        return chosen
    }
}
