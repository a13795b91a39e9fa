import Testing

@testable import TandemTransport

/// What a WebSocket server says to given bytes, over real sockets.
@Suite("A WebSocket over the wire")
struct WebSocketWireTests {
    private static let handshake =
        "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"

    /// An echoing server with a raw client whose opening handshake is done.
    private func withEcho(
        limits: Limits = Limits(), ended: Log<WebSocketClose> = Log(), body: (RawClient, HTTPServer) throws -> Void
    ) throws {
        try withServer(limits: limits) { request, responder in
            responder.upgradeToWebSocket(request) { socket in
                socket.onText = { [unowned socket] in socket.send(text: $0) }
                socket.onBinary = { [unowned socket] in socket.send(binary: $0) }
                socket.onClose = { ended.append($0) }
            }
        } body: { server, _ in
            let client = try RawClient(port: server.address.port)
            try client.send(Self.handshake + "\r\n")
            _ = try client.receive(until: "\r\n\r\n")
            try body(client, server)
        }
    }

    private func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        WebSocketFrameDecoderTests.frame(first, payload, mask: [1, 2, 3, 4])
    }

    /// A whole short frame from the server.
    private func receiveFrame(_ client: RawClient) throws -> (first: UInt8, payload: [UInt8]) {
        let head = try client.receive(exactly: 2)
        #expect(head[1] < 126, "a server does not mask")
        return (head[0], try client.receive(exactly: Int(head[1])))
    }

    /// What was asked of `/` and not upgraded, without the date.
    private func answer(_ request: String, subprotocols: [String] = []) throws -> String {
        var all = ""
        try withServer { request, responder in
            responder.upgradeToWebSocket(request, subprotocols: subprotocols) { $0.close(code: 1001) }
        } body: { server, _ in
            let client = try RawClient(port: server.address.port)
            try client.send(request)
            client.finish()
            all = try client.receiveAll()
        }
        return all
    }

    @Test("The handshake of RFC 6455, 1.3, is answered with its accept value")
    func accept() throws {
        let all = try answer(
            Self.handshake + "Sec-WebSocket-Protocol: chat, superchat\r\n\r\n", subprotocols: ["superchat"])
        #expect(all.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        #expect(all.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
        #expect(all.contains("\r\nSec-WebSocket-Protocol: superchat\r\n"))
    }

    @Test("A handshake that is not one is refused, and the connection stays HTTP")
    func refusedHandshakes() throws {
        let cases = [
            (Self.handshake.replacing("13", with: "8"), 426), (Self.handshake.replacing("dGhl", with: "dG"), 400),
            (Self.handshake.replacing("keep-alive, Upgrade", with: "keep-alive"), 400),
            (Self.handshake.replacing("Upgrade: websocket", with: "Upgrade: h2c"), 426),
            (Self.handshake.replacing("GET", with: "POST"), 400), (Self.handshake.replacing("/1.1", with: "/1.0"), 400),
            (Self.handshake + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", 400),
            (Self.handshake + "Content-Length: 1\r\n", 400),
        ]
        for (request, status) in cases {
            let body = request.contains("Content-Length") ? "x" : ""
            let all = try answer(request + "\r\n" + body)
            #expect(all.hasPrefix("HTTP/1.1 \(status) "), "\(request)")
            #expect(!all.contains("101"))
            if status == 426 { #expect(all.contains("Upgrade: websocket\r\n")) }
        }
    }

    @Test("Frames sent right behind the handshake are not lost, and pings are answered between fragments")
    func early() throws {
        try withServer { request, responder in
            responder.upgradeToWebSocket(request) { socket in
                socket.onText = { [unowned socket] in socket.send(text: $0) }
            }
        } body: { server, _ in
            let client = try RawClient(port: server.address.port)
            let frames =
                frame(0x01, Array("he".utf8)) + frame(0x89, Array("p".utf8)) + frame(0x80, Array("llo".utf8))
            try client.send(Array((Self.handshake + "\r\n").utf8) + frames)
            _ = try client.receive(until: "\r\n\r\n")
            #expect(try receiveFrame(client) == (0x8A, Array("p".utf8)))
            #expect(try receiveFrame(client) == (0x81, Array("hello".utf8)))
        }
    }

    @Test("Each way to break the protocol is told its close code, and the connection ends")
    func closeCodes() throws {
        let cases: [([UInt8], UInt16)] = [
            (frame(0xC1, [65]), 1002), (frame(0x83, []), 1002), (frame(0x80, []), 1002), ([0x81, 0x01, 0x41], 1002),
            (frame(0x09, []), 1002), (frame(0x88, [1]), 1002), (frame(0x88, [0x03, 0xED]), 1002),
            (frame(0x81, [0xFF]), 1007), (frame(0x82, [UInt8](repeating: 0, count: 200)), 1009),
        ]
        var limits = Limits()
        limits.messageBytesMax = 100
        for (bytes, code) in cases {
            let ended = Log<WebSocketClose>()
            try withEcho(limits: limits, ended: ended) { client, _ in
                try client.send(bytes)
                let (first, payload) = try receiveFrame(client)
                #expect(first == 0x88)
                #expect(payload.prefix(2) == [UInt8(code >> 8), UInt8(code & 255)])
                #expect(try client.receive() == nil)
                client.finish()
            }
            #expect(ended.all.map(\.code) == [code])
            #expect(ended.all.map(\.cause) == [.protocolViolation])
        }
    }

    @Test("A close frame is echoed with its code and the server then ends the connection")
    func closeEchoed() throws {
        let ended = Log<WebSocketClose>()
        try withEcho(ended: ended) { client, _ in
            try client.send(frame(0x88, [0x0F, 0xA1] + Array("why".utf8)) + frame(0x81, [65]))
            #expect(try receiveFrame(client) == (0x88, [0x0F, 0xA1]))
            #expect(try client.receive() == nil)
        }
        #expect(ended.all == [WebSocketClose(code: 4001, reason: "why", cause: .peerClosed)])
        let silent = Log<WebSocketClose>()
        try withEcho(ended: silent) { client, _ in
            try client.send(frame(0x88, []))
            #expect(try receiveFrame(client) == (0x88, []))
            #expect(try client.receive() == nil)
        }
        #expect(silent.all.map(\.code) == [1005])
    }

    @Test("A lost connection is 1006")
    func lost() throws {
        let ended = Log<WebSocketClose>()
        try withEcho(ended: ended) { (client, _) throws in
            client.finish()
            #expect(try client.receive() == nil)
        }
        #expect(ended.all.map(\.code) == [1006])
    }

    @Test("A silent peer is pinged; one that answers stays, one that does not is dropped")
    func pings() throws {
        var limits = Limits()
        limits.pingMilliseconds = 10
        limits.pongMilliseconds = 2_000
        let ended = Log<WebSocketClose>()
        try withEcho(limits: limits, ended: ended) { client, _ in
            for _ in 0..<3 {
                #expect(try receiveFrame(client) == (0x89, []))
                try client.send(frame(0x8A, []))
            }
            #expect(ended.all.isEmpty)
        }
        limits.pongMilliseconds = 10
        let dropped = Log<WebSocketClose>()
        try withEcho(limits: limits, ended: dropped) { (client, _) throws in
            #expect(try receiveFrame(client) == (0x89, []))
            #expect(try client.receive() == nil)
        }
        #expect(dropped.all == [WebSocketClose(code: 1006, reason: "idleTimeout", cause: .idleTimeout)])
    }

    @Test("A peer that does not answer a close frame is dropped after its time")
    func closeTimeout() throws {
        var limits = Limits()
        limits.closeMilliseconds = 10
        let ended = Log<WebSocketClose>()
        try withServer(limits: limits) { request, responder in
            responder.upgradeToWebSocket(request) { socket in
                socket.onClose = { ended.append($0) }
                socket.close(code: 1012, reason: String(repeating: "é", count: 100))
                socket.send(text: "ignored")
            }
        } body: { server, _ in
            let client = try RawClient(port: server.address.port)
            try client.send(Self.handshake + "\r\n")
            _ = try client.receive(until: "\r\n\r\n")
            let (first, payload) = try receiveFrame(client)
            #expect(first == 0x88)
            #expect(payload.count == 124, "a reason is cut between characters")
            #expect(try client.receive() == nil)
        }
        #expect(ended.all.map(\.code) == [1012])
    }

    @Test("A peer that does not read is told 1008 and dropped")
    func slowReader() throws {
        var limits = Limits()
        limits.webSocketOutgoingBytesMax = 100_000
        let ended = Log<WebSocketClose>()
        let gone = Gate()
        try withServer(limits: limits) { request, responder in
            responder.upgradeToWebSocket(request) { socket in
                socket.onClose = {
                    ended.append($0)
                    gone.open()
                }
                let message = [UInt8](repeating: 65, count: 50_000)
                @Sendable func more() {
                    guard socket.isOpen else { return }
                    socket.send(text: message)
                    socket.loop.run { more() }
                }
                more()
            }
        } body: { server, _ in
            let client = try RawClient(port: server.address.port, receiveBuffer: 4_096)
            try client.send(Self.handshake + "\r\n")
            gone.wait()
            #expect(server.metrics.figures.connectionsClosed[.slowReader] == 1)
        }
        #expect(ended.all.map(\.code) == [1008])
        #expect(ended.all.map(\.cause) == [.slowReader])
    }

    @Test("A paused WebSocket hands nothing out; resumed, everything in order")
    func pausing() throws {
        let sockets = Log<WebSocket>()
        let seen = Log<String>()
        let done = Gate()
        try withServer { request, responder in
            responder.upgradeToWebSocket(request) { socket in
                sockets.append(socket)
                socket.onText = { [unowned socket] bytes in
                    seen.append(String(decoding: bytes, as: UTF8.self))
                    if seen.all.count == 1 { socket.pause() }
                    if seen.all.count == 50 { done.open() }
                }
            }
        } body: { server, loops in
            let client = try RawClient(port: server.address.port)
            try client.send(Self.handshake + "\r\n")
            _ = try client.receive(until: "\r\n\r\n")
            try client.send((0..<50).flatMap { frame(0x81, Array("\($0)".utf8)) })
            while seen.all.isEmpty { try roundTrip(loops.loops[0]) }
            for _ in 0..<10 { try roundTrip(loops.loops[0]) }
            #expect(seen.all == ["0"])
            loops.loops[0].run { sockets.all[0].resume() }
            done.wait()
            #expect(seen.all == (0..<50).map(String.init))
        }
    }

    @Test("A WebSocket may be dropped by what it sends while messages that had waited are handed out")
    func droppedWhileResuming() throws {
        var limits = Limits()
        limits.webSocketOutgoingBytesMax = 64 * 1024
        let sockets = Log<WebSocket>()
        let gone = Gate()
        let large = [UInt8](repeating: 65, count: 8 * 1024 * 1024)
        try withServer(limits: limits) { request, responder in
            responder.upgradeToWebSocket(request) { socket in
                socket.pause()
                socket.onClose = { _ in gone.open() }
                socket.onText = { [unowned socket] _ in socket.send(text: large) }
                sockets.append(socket)
            }
        } body: { server, loops in
            let client = try RawClient(port: server.address.port, receiveBuffer: 4_096)
            let frames = (0..<50).flatMap { frame(0x81, [UInt8($0)]) }
            try client.send(Array((Self.handshake + "\r\n").utf8) + frames)
            while sockets.all.isEmpty { try roundTrip(loops.loops[0]) }
            loops.loops[0].run { sockets.all[0].resume() }
            gone.wait()
            #expect(server.metrics.figures.connectionsClosed[.slowReader] == 1)
        }
    }

    private func roundTrip(_ loop: EventLoop) throws {
        let done = Gate()
        loop.run { done.open() }
        done.wait()
    }

    @Test("Connecting fails with what the server answered instead")
    func connectRefused() throws {
        try withServer { _, responder in
            responder.respond(status: 401)
        } body: { server, loops in
            let loop = loops.loops[0]
            let address = server.address
            let failed = Log<TransportError>()
            let done = Gate()
            loop.run {
                WebSocket.connect(on: loop, to: address) { result in
                    if case .failure(let error) = result { failed.append(error) }
                    done.open()
                }
            }
            done.wait()
            #expect(failed.all.map(\.code) == [.protocolViolation])
            #expect(failed.all.allSatisfy { $0.message.contains("401") })
        }
    }
}
