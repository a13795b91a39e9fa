import TandemTransport
import Testing

@Suite("A WebSocket")
struct WebSocketTests {
    /// A server that echoes every message, with what ended its sockets.
    private func withEcho(
        limits: Limits = Limits(), ended: Log<WebSocketClose> = Log(),
        body: (HTTPServer, EventLoopGroup) throws -> Void
    ) throws {
        try withServer(limits: limits) { request, responder in
            responder.upgradeToWebSocket(request, subprotocols: ["v2", "v1"]) { socket in
                socket.onText = { [unowned socket] in socket.send(text: $0) }
                socket.onBinary = { [unowned socket] in socket.send(binary: $0) }
                socket.onClose = { ended.append($0) }
            }
        } body: {
            try body($0, $1)
        }
    }

    @Test("Messages of every length class come back as they went, and the close is shaken")
    func echo() throws {
        let ended = Log<WebSocketClose>()
        try withEcho(ended: ended) { server, loops in
            let sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 300_000]
            let received = Log<[UInt8]>()
            let closed = Log<WebSocketClose>()
            let done = Gate()
            let loop = loops.loops[0]
            let address = server.address
            loop.run {
                WebSocket.connect(on: loop, to: address, subprotocols: ["v1", "other"]) { result in
                    guard case .success(let socket) = result else {
                        Issue.record("\(result)")
                        return done.open()
                    }
                    #expect(socket.subprotocol == "v1")
                    socket.onBinary = { bytes in
                        received.append(Array(bytes))
                        if received.all.count == sizes.count { socket.close(code: 4_000, reason: "enough") }
                    }
                    socket.onClose = {
                        closed.append($0)
                        done.open()
                    }
                    for size in sizes { socket.send(binary: [UInt8](repeating: UInt8(size % 251), count: size)) }
                }
            }
            done.wait()
            #expect(received.all.map(\.count) == sizes)
            #expect(received.all.allSatisfy { bytes in bytes.allSatisfy { Int($0) == bytes.count % 251 } })
            #expect(closed.all == [WebSocketClose(code: 4_000, reason: "enough", cause: .finished)])
        }
        #expect(ended.all == [WebSocketClose(code: 4_000, reason: "enough", cause: .peerClosed)])
    }
}
