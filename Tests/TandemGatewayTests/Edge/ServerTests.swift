import TandemAPI
import TandemCore
import TandemGateway
import TandemRuntime
import TandemTransport
import Testing

@Suite("The edge")
struct ServerTests {
    @Test("Anybody may ask whether the node lives, is ready, and what it serves")
    func open() async throws {
        try await Centre.run { centre in
            #expect(try centre.send(.init("GET", "/livez")).response.text == "ok\n")
            let ready = try centre.send(.init("GET", "/readyz"))
            #expect(ready.status == 200 && ready.response.text == "ready\n")
            #expect(try centre.send(.init("GET", "/")).response.text.contains("/openapi.json"))
            let document = try centre.send(.init("GET", "/openapi.json"))
            #expect(document.json["openapi"]?.text == "3.1.0")
        }
    }

    @Test("A path answers the methods it has, names them to others, and HEAD is GET without its body")
    func methods() async throws {
        try await Centre.run { centre in
            let patched = try centre.send(.init("PATCH", "/v1/queues/\(centre.queue)", "{}", centre.supervisor))
            #expect(patched.status == 405 && patched.code == "methodNotAllowed")
            #expect(patched.response.header("Allow") == "GET, HEAD, PUT, OPTIONS")
            let options = try centre.send(.init("OPTIONS", "/v1/queues"))
            #expect(options.status == 204 && options.response.header("Allow") == "GET, HEAD, POST, OPTIONS")
            let get = try centre.get("/v1/queues/\(centre.queue)", centre.supervisor)
            let head = try centre.send(.init("HEAD", "/v1/queues/\(centre.queue)", nil, centre.supervisor))
            #expect(head.status == 200 && head.response.body.isEmpty)
            #expect(head.response.header("Content-Length") == "\(get.response.body.count)")
        }
    }

    @Test("`Location` names what was made where that can be read, and is left out where it cannot")
    func locations() async throws {
        try await Centre.run { centre in
            let (conversation, contact) = try centre.openConversation()
            try centre.made(.init("POST", "/v1/contacts/\(contact)/abandon", nil, centre.customerToken))
            let leg = #"{"channel":"chat","queue":"\#(centre.queue)"}"#
            let asks: [Centre.Ask] = [
                .init("POST", "/v1/tenants", #"{"name":"B"}"#, centre.administrator),
                .init("POST", "/v1/queues", #"{"name":"B"}"#, centre.supervisor),
                .init("POST", "/v1/calendars", #"{"name":"B","zone":"UTC","blocks":[]}"#, centre.supervisor),
                .init("POST", "/v1/agents", #"{"name":"B"}"#, centre.supervisor),
                .init("POST", "/v1/customers", #"{"name":"B"}"#, centre.supervisor),
                .init("POST", "/v1/conversations", #"{"contact":\#(leg)}"#, centre.customerToken),
                .init("POST", "/v1/conversations/\(conversation)/contacts", leg, centre.customerToken),
            ]
            for ask in asks {
                let made = try centre.made(ask)
                let location = try #require(made.response.header("Location"), "\(ask.target)")
                let read = try centre.made(.init("GET", location, nil, ask.token))
                #expect(location.hasSuffix("/" + read.id), "\(location)")
                #expect(read.id == made.id || read.id == made.json["contact"]?.text)
            }
            let nowhere: [Centre.Ask] = [
                .init("POST", "/v1/skills", #"{"name":"B"}"#, centre.supervisor),
                .init("POST", "/v1/conversations/\(conversation)/messages", #"{"text":"B"}"#, centre.customerToken),
                .init(
                    "POST", "/v1/credentials", #"{"role":"agent","label":"B","agent":"\#(centre.agent)"}"#,
                    centre.supervisor),
            ]
            for ask in nowhere { #expect(try centre.made(ask).response.header("Location") == nil, "\(ask.target)") }
        }
    }

    @Test("The trace of a request is passed on in its answer and its log line; a malformed one is left out")
    func traces() async throws {
        try await Centre.run { centre in
            let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let target = "/v1/queues/\(centre.queue)"
            let reply = try centre.send(
                .init("GET", target, nil, centre.supervisor, headers: [("traceparent", parent)]))
            #expect(reply.response.header("traceparent") == parent)
            let refused = try centre.send(.init("GET", target, headers: [("traceparent", parent)]))
            #expect(refused.response.header("traceparent") == parent)
            let line = try #require(centre.log.all.last { $0.traceparent == parent && $0.status == 200 })
            #expect(line.route == "/v1/queues/{queue}" && line.method == "GET" && line.credential != nil)
            #expect(centre.log.all.contains { $0.code == "unauthenticated" && $0.traceparent == parent })
            for bad in [
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "00-" + String(repeating: "0", count: 32) + "-00f067aa0ba902b7-01",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            ] {
                let reply = try centre.send(
                    .init("GET", target, nil, centre.supervisor, headers: [("traceparent", bad)]))
                #expect(reply.status == 200 && reply.response.header("traceparent") == nil, "\(bad)")
            }
        }
    }

    @Test("What the transport answers by itself is what the reference says")
    func transportProblems() async throws {
        try await Centre.run { centre in
            let long = String(repeating: "x", count: 40_000)
            for (ask, status) in [
                (Centre.Ask("POST", "/v1/queues", String(repeating: " ", count: 1_100_000), centre.supervisor), 413),
                (Centre.Ask("GET", "/" + long, nil, centre.supervisor), 414),
                (Centre.Ask("GET", "/v1/queues", nil, centre.supervisor, headers: [("X", long)]), 431),
            ] {
                let reply = try centre.send(ask)
                #expect(reply.status == status)
                try TransportProblem.schema.check(reply.json)
            }
        }
    }

    @Test("A token that is kept at hand is a subscription of its partition, and no live session")
    func subscriptions() async throws {
        try await Centre.run { centre in
            let status = try centre.get("/v1/node/status", centre.administrator)
            #expect(status.json["liveSessions"]?.whole == 0)
            let partitions = status.json["partitions"]?.elements ?? []
            #expect(partitions.compactMap { $0["subscriptions"]?.whole }.reduce(0, +) > 0)
            #expect(partitions.allSatisfy { $0["sessions"] == nil })
        }
    }

    @Test("What fits no route is counted and logged too")
    func unrouted() async throws {
        try await Centre.run { centre in
            let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let before = try centre.send(.init("GET", "/metrics")).response.text.refused
            for (method, target, status) in [
                ("GET", "/nowhere", 404), ("PATCH", "/v1/queues", 405), ("OPTIONS", "/v1/queues", 204),
                ("GET", "/v1/%ff", 400),
            ] {
                let reply = try centre.send(.init(method, target, headers: [("traceparent", parent)]))
                #expect(reply.status == status)
                let line = try #require(centre.log.all.last { $0.traceparent == parent })
                #expect(line.method == method && line.route == nil && line.status == status)
            }
            #expect(try centre.send(.init("GET", "/metrics")).response.text.refused == before + 3)
        }
    }

    @Test("A handshake that cannot be answered is refused with a problem, counted, and told what is needed")
    func handshakes() async throws {
        try await Centre.run { centre in
            let good = [
                ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ]
            for (place, value, status, field) in [
                (1, "h2c", 426, nil), (2, "8", 426, "Sec-WebSocket-Version"), (3, "dGg=", 400, "Sec-WebSocket-Key"),
                (0, "keep-alive", 400, "Connection"),
            ] as [(Int, String, Int, String?)] {
                var headers = good
                headers[place].1 = value
                let reply = try centre.send(.init("GET", "/v1/live/agent", nil, centre.agentToken, headers: headers))
                #expect(reply.status == status && reply.field == field, "\(value): \(reply.response.text)")
                #expect(reply.code == (status == 426 ? "upgradeRequired" : "invalid"))
                #expect(reply.response.header("Upgrade") == (status == 426 ? "websocket" : nil))
                #expect(reply.response.header("Sec-WebSocket-Version") == (status == 426 ? "13" : nil))
                #expect(centre.log.all.last?.status == status)
            }
            let plain = try centre.get("/v1/live/agent", centre.agentToken)
            #expect(plain.status == 426 && plain.response.header("Upgrade") == "websocket")
            #expect(plain.response.headers.listContains("connection", "upgrade"))
        }
    }

    @Test("The conformance echo answers any method's body, and is not there unless asked for")
    func echoes() async throws {
        try await Centre.run(conformance: true) { centre in
            for method in ["POST", "PUT", "PATCH", "DELETE", "BREW"] {
                let reply = try centre.send(
                    .init(method, "/conformance/echo", "hällo", headers: [("Content-Type", "text/x-odd")]))
                #expect(reply.status == 200 && reply.response.text == "hällo")
                #expect(reply.response.header("Content-Type") == "text/x-odd")
            }
            #expect(try centre.send(.init("GET", "/conformance/echo")).response.body.isEmpty)
        }
        try await Centre.run { centre in
            let reply = try centre.send(.init("POST", "/conformance/echo", "x"))
            #expect(reply.status == 404)
        }
    }

    @Test("The conformance echo sends WebSocket messages back, text as text and binary as binary")
    func echoesMessages() async throws {
        try await Centre.run(conformance: true) { centre in
            let address = try SocketAddress(host: "127.0.0.1", port: centre.port)
            let got: [String] = await withCheckedContinuation { done in
                centre.loops.loops[0].run {
                    WebSocket.connect(on: centre.loops.loops[0], to: address, target: "/conformance/echo") { result in
                        guard case .success(let socket) = result else { return done.resume(returning: []) }
                        var got: [String] = []
                        socket.onText = { bytes in
                            got.append("text " + String(decoding: bytes, as: UTF8.self))
                            socket.send(binary: [1, 2, 3])
                        }
                        socket.onBinary = { bytes in
                            got.append("binary \(Array(bytes))")
                            socket.close()
                        }
                        socket.onClose = { _ in done.resume(returning: got) }
                        socket.send(text: "hällo")
                    }
                }
            }
            #expect(got == ["text hällo", "binary [1, 2, 3]"])
        }
    }

    @Test("A live path asks for a WebSocket, and is not found where nobody serves it")
    func live() async throws {
        try await Centre.run(live: false) { centre in
            let plain = try centre.get("/v1/live/agent", centre.agentToken)
            #expect(plain.status == 426 && plain.code == "upgradeRequired")
            #expect(try centre.get("/v1/live/agent", centre.customerToken).code == "forbidden")
            let upgrade = try centre.send(
                .init(
                    "GET", "/v1/live/agent", nil, nil,
                    headers: [
                        ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
                        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                        ("Sec-WebSocket-Protocol", "tandem, bearer.\(centre.agentToken)"),
                    ]))
            #expect(upgrade.status == 404, "the token in the subprotocol is taken: \(upgrade.response.text)")
        }
    }

    @Test("Where nobody leads, writes are answered 503 with a time to come back, reads go on, the node is not ready")
    func withoutLeader() async throws {
        try await Centre.run(partitions: 1) { centre in
            await withCheckedContinuation { done in
                centre.node.partition(0).run { partition in
                    partition.giveUp("a test")
                    done.resume()
                }
            }
            let written = try centre.post("/v1/queues", #"{"name":"x"}"#, centre.supervisor)
            #expect(written.status == 503 && written.code == "notLeading")
            #expect(written.response.header("Retry-After") == "1")
            #expect(try centre.get("/v1/queues/\(centre.queue)", centre.supervisor).status == 200)
            let ready = try centre.send(.init("GET", "/readyz"))
            #expect(ready.status == 503 && ready.response.text == "not ready\npartition 0: given up\n")
            let status = try centre.get("/v1/node/status", centre.administrator)
            #expect(status.json["isReady"] == .boolean(false))
            #expect(try centre.send(.init("GET", "/metrics")).response.text.contains("tandem_node_ready 0"))
            #expect(try centre.send(.init("GET", "/livez")).status == 200)
        }
    }

    @Test("A draining gateway says so, and afterwards its port is free")
    func drains() async throws {
        try await Centre.run { centre in
            let port = centre.port
            centre.gateway.drain(milliseconds: 1_000)
            #expect(centre.gateway.isDraining)
            #expect(throws: TransportError.self) { try centre.send(.init("GET", "/livez")) }
            let address = try SocketAddress(host: "127.0.0.1", port: port)
            let again = Gateway(node: centre.node, options: Gateway.Options(address: address))
            #expect(try again.start().port == port)
            again.drain(milliseconds: 0)
        }
    }
}

extension String {
    /// The requests that `/metrics` counts as refused.
    fileprivate var refused: Int {
        let line = split(separator: "\n").first {
            $0.hasPrefix(#"tandem_http_requests_total{kind="read",class="4xx"}"#)
        }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }
}
