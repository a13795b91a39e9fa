import Testing

@testable import TandemTransport

@Suite("An HTTP client")
struct HTTPClientTests {
    @Test("A server that does not answer in time is a time-out, and the next request has a new connection")
    func timeout() throws {
        let held = Log<HTTPResponder>()
        try withServer { request, responder in
            if request.path == "/never" { held.append(responder) } else { responder.respond(status: 204) }
        } body: { server, _ in
            let client = try HTTPClient(host: "localhost", port: server.address.port)
            do throws(TransportError) {
                _ = try client.send(HTTPClientRequest("GET", "/never"), timeoutMilliseconds: 30)
                Issue.record("an answer came")
            } catch {
                #expect(error.code == .timeout)
            }
            #expect(try client.send(HTTPClientRequest("GET", "/")).status == 204)
            #expect(server.metrics.figures.connectionsAccepted == 2)
        }
    }

    @Test("An address where nobody listens is a failed connection, not a time-out")
    func nobody() throws {
        var port: UInt16 = 0
        try withServer { _, _ in
        } body: { server, _ in
            port = server.address.port
        }
        let client = try HTTPClient(host: "127.0.0.1", port: port)
        do throws(TransportError) {
            _ = try client.send(HTTPClientRequest("GET", "/"))
            Issue.record("an answer came")
        } catch {
            #expect([.connection, .address].contains(error.code))
        }
        #expect(throws: TransportError.self) { _ = try SocketAddress(host: "256.1.1.1", port: 1) }
    }

    @Test("A connection that the server closed while idle is made anew without the caller's doing")
    func idleClosed() throws {
        var limits = Limits()
        limits.keepAliveMilliseconds = 1
        try withServer(limits: limits) { _, responder in
            responder.respond(status: 204)
        } body: { server, _ in
            let client = try HTTPClient(host: "127.0.0.1", port: server.address.port)
            for count in 1...3 {
                #expect(try client.send(HTTPClientRequest("GET", "/")).status == 204)
                while server.metrics.figures.connectionsClosed[.idleTimeout] != count {}
            }
        }
    }

    @Test("A body is handed out in parts as it comes")
    func parts() throws {
        let next = Log<HTTPResponder>()
        try withServer { request, responder in
            responder.begin(status: 200)
            responder.write(Array("one".utf8))
            next.append(responder)
        } body: { server, _ in
            let client = try HTTPClient(host: "127.0.0.1", port: server.address.port)
            let parts = Log<String>()
            let response = try client.send(HTTPClientRequest("GET", "/")) { part in
                parts.append(String(decoding: part, as: UTF8.self))
                if parts.all.count == 1 {
                    next.all[0].write(Array("two".utf8))
                    next.all[0].end(trailers: ["X-T": "t"])
                }
            }
            #expect(response.status == 200)
            #expect(response.body.isEmpty)
            #expect(response.trailers.first("x-t") == "t")
            #expect(parts.all == ["one", "two"])
        }
    }

    @Test("Requests on one connection are pipelined and answered in order; a malformed answer fails those that wait")
    func pipelined() throws {
        try withServer { request, responder in
            responder.respond(status: 200, body: Array(request.path.utf8))
        } body: { server, loops in
            let loop = loops.loops[0]
            let address = server.address
            let seen = Log<String>()
            let done = Gate()
            loop.run {
                guard let connection = try? HTTPClientConnection(loop: loop, address: address) else { return }
                for index in 0..<20 {
                    connection.send(HTTPClientRequest("GET", "/\(index)")) { result in
                        if case .success(let response) = result { seen.append(response.text) }
                    }
                }
                connection.send(HTTPClientRequest("GET", "/bad space")) { result in
                    if case .success(let response) = result { seen.append("\(response.status)") }
                }
                connection.send(HTTPClientRequest("GET", "/after")) { result in
                    if case .failure(let error) = result { seen.append(error.code.rawValue) }
                    #expect(!connection.isOpen)
                    done.open()
                }
            }
            done.wait()
            #expect(seen.all == (0..<20).map { "/\($0)" } + ["400", "transport.connection"])
        }
    }
}
