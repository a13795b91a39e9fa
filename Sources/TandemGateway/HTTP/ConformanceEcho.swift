internal import TandemTransport

/// For foreign conformance suites, on the very stack that customers use: HTTP answers the body, WebSocket the message.
enum ConformanceEcho {
    static func answer(_ request: HTTPRequest, _ responder: HTTPResponder) {
        guard request.asksForUpgrade else {
            let type = request.header("Content-Type") ?? "application/octet-stream"
            return responder.respond(status: 200, headers: ["Content-Type": type], body: request.body)
        }
        responder.upgradeToWebSocket(request) { socket in
            socket.onText = { [unowned socket] in socket.send(text: $0) }
            socket.onBinary = { [unowned socket] in socket.send(binary: $0) }
        }
    }
}
