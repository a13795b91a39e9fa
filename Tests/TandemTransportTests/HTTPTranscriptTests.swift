import Testing

@testable import TandemTransport

/// What a server says to given bytes, over real sockets.
@Suite("An HTTP connection")
struct HTTPTranscriptTests {
    /// Answers what it was asked, in one line.
    private static let echo: HTTPServer.Handler = { request, responder in
        let body = String(decoding: request.body, as: UTF8.self)
        responder.respond(status: 200, body: Array("\(request.methodName) \(request.path) \(body)".utf8))
    }

    /// Without the lines whose values change.
    private func plain(_ transcript: String) -> String {
        transcript.split(separator: "\r\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("Date: ") }
            .joined(separator: "\n")
    }

    /// Everything the server says to `text` when nothing follows it.
    private func transcript(
        _ text: String, limits: Limits = Limits(), handler: @escaping HTTPServer.Handler = echo
    ) throws -> String {
        var all = ""
        try withServer(limits: limits, handler: handler) { server, _ in
            let client = try RawClient(port: server.address.port)
            try client.send(text)
            client.finish()
            all = plain(try client.receiveAll())
        }
        return all
    }

    @Test("Pipelined requests are answered in their order, and the half-closed connection then ends")
    func pipelined() throws {
        let text =
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\n"
            + "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
        #expect(
            try transcript(text) == """
                HTTP/1.1 200 OK\nContent-Length: 7\n\nGET /1 HTTP/1.1 200 OK\nContent-Length: 8\n
                HTTP/1.1 200 OK\nContent-Length: 10\n\nPOST /3 hi
                """)
    }

    @Test("Answers given late, from another thread and in another order, leave in the order of the requests")
    func reordered() throws {
        let waiting = Log<(String, HTTPResponder)>()
        let text = (0..<5).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
        let other = try EventLoop(name: "other")
        other.start()
        defer { other.stop() }
        let all = try transcript(text) { request, responder in
            waiting.append((request.path, responder))
            guard waiting.all.count == 5 else { return }
            other.run {
                for (path, responder) in waiting.all.reversed() {
                    responder.respond(status: 200, body: Array(path.utf8))
                }
            }
        }
        #expect(all == (0..<5).map { "HTTP/1.1 200 OK\nContent-Length: 2\n\n/\($0)" }.joined())
    }

    @Test("Connection: close ends after the answer, and what follows it is not read")
    func close() throws {
        let text = "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(try transcript(text) == "HTTP/1.1 200 OK\nContent-Length: 7\nConnection: close\n\nGET /1 ")
    }

    @Test("A 1.0 client gets a closed connection, unless it asks to keep it")
    func version10() throws {
        #expect(
            try transcript("GET / HTTP/1.0\r\n\r\n")
                == "HTTP/1.1 200 OK\nContent-Length: 6\nConnection: close\n\nGET / ")
        #expect(
            try transcript("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                == "HTTP/1.1 200 OK\nContent-Length: 6\nConnection: keep-alive\n\nGET / ")
    }

    @Test("A stream leaves in chunks with trailers, to a 1.0 client until the end, to HEAD without a body")
    func streams() throws {
        let handler: HTTPServer.Handler = { _, responder in
            responder.begin(status: 200)
            responder.write(Array("0123456789abcdef!".utf8))
            responder.write([])
            responder.write(Array("z".utf8))
            responder.end(trailers: ["X-Sum": "1"])
        }
        #expect(
            try transcript("GET / HTTP/1.1\r\nHost: a\r\n\r\n", handler: handler)
                == "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n11\n0123456789abcdef!\n1\nz\n0\nX-Sum: 1\n\n")
        #expect(
            try transcript("GET / HTTP/1.0\r\n\r\n", handler: handler)
                == "HTTP/1.1 200 OK\nConnection: close\n\n0123456789abcdef!z")
        #expect(
            try transcript("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", handler: handler)
                == "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n")
        let counted: HTTPServer.Handler = { _, responder in
            responder.begin(status: 200, contentLength: 3)
            responder.write(Array("ab".utf8))
            responder.write(Array("c".utf8))
            responder.end()
        }
        #expect(
            try transcript("GET / HTTP/1.1\r\nHost: a\r\n\r\n", handler: counted)
                == "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc")
    }

    @Test("An answer with 204 or 304 has neither body nor length")
    func bodiless() throws {
        for status in [204, 304] {
            let all = try transcript("GET / HTTP/1.1\r\nHost: a\r\n\r\n") { _, responder in
                responder.respond(status: status, headers: ["ETag": "\"1\""], body: [1])
            }
            #expect(all == "HTTP/1.1 \(status) \(HTTPStatus.reason(status))\nETag: \"1\"\n\n")
        }
    }

    @Test("A client that expects it is told to continue, but not before earlier answers")
    func expectation() throws {
        let waiting = Log<HTTPResponder>()
        let handler: HTTPServer.Handler = { request, responder in
            if request.path == "/late" { waiting.append(responder) } else { Self.echo(request, responder) }
        }
        try withServer(handler: handler) { server, loops in
            let client = try RawClient(port: server.address.port)
            try client.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n")
            try client.send("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n")
            // The loop has seen both when it has answered a third client.
            let probe = try HTTPClient(host: "127.0.0.1", port: server.address.port)
            while waiting.all.isEmpty { _ = try probe.send(HTTPClientRequest("GET", "/")) }
            waiting.all[0].respond(status: 200)
            #expect(plain(try client.receive(until: "Continue\r\n\r\n")).hasSuffix("\n\nHTTP/1.1 100 Continue\n\n"))
            try client.send("hi")
            client.finish()
            #expect(plain(try client.receiveAll()) == "HTTP/1.1 200 OK\nContent-Length: 10\n\nPOST /b hi")
        }
    }

    @Test("A bad request is answered with its status after the good ones before it, and the connection closes")
    func refusals() throws {
        let good = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
        let cases = [
            ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/3.0\r\n\r\n", 505), ("CONNECT a:1 HTTP/1.1\r\n\r\n", 501),
            ("GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\n\r\n", 414),
            ("GET / HTTP/1.1\r\nX: \(String(repeating: "a", count: 40_000))\r\n\r\n", 431),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n", 413),
            ("POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417),
        ]
        for (text, status) in cases {
            let all = try transcript(good + text + good)
            #expect(all.hasPrefix("HTTP/1.1 200 OK\nContent-Length: 7\n\nGET /1 HTTP/1.1 \(status) "))
            #expect(all.contains("Connection: close\n"))
            #expect(all.contains("\"status\":\(status),\"code\":\"http."))
            #expect(all.count { $0 == "{" } == 1, "one problem, and nothing after it")
        }
    }

    @Test("A request that comes too slowly is answered 408; a connection that says nothing is closed without a word")
    func slowLoris() throws {
        var limits = Limits()
        limits.headerMilliseconds = 30
        limits.bodyMilliseconds = 30
        try withServer(limits: limits, handler: Self.echo) { server, _ in
            for text in [
                "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\nX",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1",
            ] {
                let client = try RawClient(port: server.address.port)
                try client.send(text)
                #expect(try client.receiveAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            }
            let silent = try RawClient(port: server.address.port)
            #expect(try silent.receiveAll() == "")
        }
    }

    @Test("A kept connection without a request is closed after its time")
    func keepAlive() throws {
        var limits = Limits()
        limits.keepAliveMilliseconds = 20
        try withServer(limits: limits, handler: Self.echo) { server, _ in
            let client = try RawClient(port: server.address.port)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(plain(try client.receiveAll()) == "HTTP/1.1 200 OK\nContent-Length: 6\n\nGET / ")
        }
    }

    @Test("No more requests are handed out than may be in flight; the others follow as answers leave")
    func inFlight() throws {
        var limits = Limits()
        limits.pipelinedMax = 3
        let waiting = Log<HTTPResponder>()
        try withServer(limits: limits) { _, responder in
            waiting.append(responder)
        } body: { server, loops in
            let client = try RawClient(port: server.address.port)
            try client.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 10))
            client.finish()
            for answered in 0..<10 {
                while waiting.all.count <= answered { try roundTrip(loops.loops[0]) }
                #expect(waiting.all.count <= answered + 3)
                waiting.all[answered].respond(status: 204)
            }
            #expect(plain(try client.receiveAll()) == String(repeating: "HTTP/1.1 204 No Content\n\n", count: 10))
        }
    }

    /// Waits until the loop has run a batch.
    private func roundTrip(_ loop: EventLoop) throws {
        let done = Gate()
        loop.run { done.open() }
        done.wait()
    }

    @Test("A request whose answer is let go is answered 500; a stream that is let go breaks the connection")
    func letGo() throws {
        let text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        let forgotten = try transcript(text) { _, _ in }
        #expect(forgotten.hasPrefix("HTTP/1.1 500 Internal Server Error\n"))
        #expect(forgotten.hasSuffix(#""code":"http.unanswered"}"#), "\(forgotten)")
        let all = try transcript(text) { _, responder in
            responder.begin(status: 200)
            responder.write([65])
        }
        #expect(!all.contains("0\n\n"), "the end of a body that has none")
    }

    @Test("The owner of a stream hears that the client is gone")
    func gone() throws {
        let held = Log<HTTPResponder>()
        let gone = Gate()
        try withServer { _, responder in
            held.append(responder)
            responder.onGone { gone.open() }
            responder.begin(status: 200)
            responder.write(Array("x".utf8))
        } body: { server, _ in
            do {
                let client = try RawClient(port: server.address.port)
                try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try client.receive(until: "1\r\nx\r\n")
            }
            // The first write after the client has closed draws a reset, which ends the stream.
            held.all[0].write(Array("y".utf8))
            held.all[0].write(Array("z".utf8))
            var closed = false
            while !closed {
                held.all[0].write(Array("more".utf8))
                closed = server.metrics.figures.connectionsOpen == 0
            }
            gone.wait()
            held.all[0].end()
        }
    }
}
