import TandemTransport
import Testing

@Suite("An HTTP server")
struct HTTPServerTests {
    @Test("Requests over a kept connection are answered with what the handler says")
    func answers() throws {
        try withServer { request, responder in
            let text = "\(request.methodName) \(request.path) \(request.query ?? "-") \(request.body.count)"
            responder.respond(status: 200, headers: .text, body: Array(text.utf8))
        } body: { server, _ in
            let client = try HTTPClient(host: "127.0.0.1", port: server.address.port)
            let first = try client.send(HTTPClientRequest("GET", "/a/b?c=d"))
            #expect(first.status == 200)
            #expect(first.text == "GET /a/b c=d 0")
            #expect(first.header("content-type") == "text/plain; charset=utf-8")
            let second = try client.send(HTTPClientRequest("POST", "/x", body: [1, 2, 3]))
            #expect(second.text == "POST /x - 3")
            let third = try client.send(HTTPClientRequest("HEAD", "/x"))
            #expect(third.header("content-length") == "11")
            #expect(third.body.isEmpty)
            #expect(server.metrics.figures.connectionsAccepted == 1)
            #expect(server.metrics.figures.responses[2] == 3)
        }
    }
}
