import Glibc
import TestPrograms
import Testing

@testable import TandemTransport

@Suite("A server's connections")
struct ConnectionTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("A client that does not read is bounded and dropped, and another on the same loop goes on meanwhile")
    func slowReader() throws {
        var limits = Limits()
        limits.outgoingBytesMax = 256 * 1024
        let chunk = [UInt8](repeating: 65, count: 64 * 1024)
        let gone = Gate()
        let most = Log<Int>()
        try withServer(limits: limits) { request, responder in
            guard request.path == "/flood" else { return responder.respond(status: 204) }
            responder.onGone { gone.open() }
            responder.begin(status: 200)
            @Sendable func more(_ left: Int) {
                responder.write(chunk)
                most.append(responder.outstandingBytes)
                if left > 0 { responder.loop.run { more(left - 1) } } else { responder.end() }
            }
            more(2_000)
        } body: { server, _ in
            let deaf = try RawClient(port: server.address.port, receiveBuffer: 4_096)
            try deaf.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
            let other = try HTTPClient(host: "127.0.0.1", port: server.address.port)
            for _ in 0..<50 { #expect(try other.send(HTTPClientRequest("GET", "/")).status == 204) }
            gone.wait()
            #expect(try other.send(HTTPClientRequest("GET", "/")).status == 204)
            #expect(server.metrics.figures.connectionsClosed[.slowReader] == 1)
            let bound = limits.outgoingBytesMax + chunk.count + 100
            #expect(most.all.allSatisfy { $0 <= bound }, "one write over the bound at most")
        }
    }

    @Test(
        "What lies in the socket of a client that left while the loop stood still is not looked at",
        arguments: [true, false])
    func stoodStill(isLong: Bool) throws {
        let paths = Log<String>()
        try withServer(standstill: isLong ? 20_000_000 : Limits.standstillNanoseconds) { request, responder in
            paths.append(request.path)
            responder.respond(status: 204)
        } body: { server, loops in
            func request(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }
            let (leaving, staying) = (
                try RawClient(port: server.address.port), try RawClient(port: server.address.port)
            )
            for client in [leaving, staying] {
                try client.send(request("/before"))
                _ = try client.receive(until: "\r\n\r\n")
            }
            let (stands, goesOn) = (Gate(), Gate())
            loops.loops[0].run {
                stands.open()
                goesOn.wait()
            }
            stands.wait()
            try leaving.send(request("/left"))
            leaving.finish()
            try staying.send(request("/stayed"))
            let end = EventLoop.monotonicNanoseconds() + 25_000_000
            while EventLoop.monotonicNanoseconds() < end {}
            goesOn.open()
            #expect(try staying.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 204 "))
            try staying.send(request("/after"))
            _ = try staying.receive(until: "\r\n\r\n")
            #expect(paths.all.contains("/left") == !isLong)
            #expect(server.metrics.figures.connectionsClosed[.abandoned] == (isLong ? 1 : 0))
            // The next one that leaves with a request is looked at again.
            let next = try RawClient(port: server.address.port)
            try next.send(request("/next"))
            next.finish()
            while !paths.all.contains("/next") {
                try staying.send(request("/again"))
                _ = try staying.receive(until: "\r\n\r\n")
            }
        }
    }

    @Test("A client that stops reading a finished answer is dropped after its time")
    func stalled() throws {
        var limits = Limits()
        limits.stallMilliseconds = 30
        let body = [UInt8](repeating: 65, count: 16 * 1024 * 1024)
        let gone = Gate()
        try withServer(limits: limits) { _, responder in
            responder.onGone { gone.open() }
            responder.begin(status: 200, contentLength: body.count + 1)
            responder.write(body)
            // The last byte is never written, so the answer is open when the client is dropped.
            held.append(responder)
        } body: { server, _ in
            let deaf = try RawClient(port: server.address.port, receiveBuffer: 4_096)
            try deaf.send(Self.request)
            gone.wait()
            #expect(server.metrics.figures.connectionsClosed[.slowReader] == 1)
        }
    }

    private let held = Log<HTTPResponder>()

    @Test("A large answer to a slow but reading client arrives whole")
    func slowButReading() throws {
        var limits = Limits()
        limits.outgoingBytesMax = 64 * 1024
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try withServer(limits: limits) { _, responder in
            responder.respond(status: 200, body: body)
        } body: { server, _ in
            let client = try RawClient(port: server.address.port, receiveBuffer: 4_096)
            try client.send(Self.request)
            let head = try client.receive(until: "\r\n\r\n")
            #expect(head.contains("Content-Length: 3000000\r\n"))
            #expect(try client.receive(exactly: body.count) == body)
        }
    }

    @Test("A stream that waits while it is congested reaches a slow reader whole, within the bound", arguments: [0, 1])
    func streamBackPressure(before: Int) throws {
        var limits = Limits()
        limits.outgoingBytesMax = 512 * 1024
        let part = [UInt8](repeating: 66, count: 60_000)
        let first = Log<HTTPResponder>()
        let waited = Log<Int>()
        try withServer(limits: limits) { request, responder in
            if request.path == "/first" { return first.append(responder) }
            let left = Log<Int>()
            @Sendable func more() {
                while left.all.count < 200 {
                    if responder.isCongested { return waited.append(responder.outstandingBytes) }
                    left.append(1)
                    responder.write(part)
                    if left.all.count == 200 { return responder.end() }
                }
            }
            responder.onDrained(more)
            responder.begin(status: 200, contentLength: 200 * part.count)
            more()
        } body: { server, _ in
            let client = try RawClient(port: server.address.port, receiveBuffer: 4_096)
            // The stream is first in line, or begins while an answer before it is missing.
            try client.send(before == 0 ? "" : "GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
            try client.send(Self.request)
            if before == 1 {
                while waited.all.isEmpty { sched_yield() }
                first.all[0].respond(status: 204)
                #expect(try client.receive(until: "\r\n\r\n").contains("204"))
            }
            _ = try client.receive(until: "\r\n\r\n")
            #expect(try client.receive(exactly: 200 * part.count).allSatisfy { $0 == 66 })
            #expect(!waited.all.isEmpty)
        }
    }

    @Test("A pipelining client that does not read its answers is not handed further requests")
    func pipelineBackPressure() throws {
        var limits = Limits()
        limits.highWaterBytes = 64 * 1024
        limits.pipelinedMax = 4
        let body = [UInt8](repeating: 65, count: 256 * 1024)
        let handed = Log<Int>()
        try withServer(limits: limits) { request, responder in
            if request.path == "/probe" { return responder.respond(status: 204) }
            handed.append(1)
            responder.respond(status: 200, body: body)
        } body: { server, _ in
            let client = try RawClient(port: server.address.port, receiveBuffer: 4_096)
            try client.send(String(repeating: Self.request, count: 200))
            let probe = try HTTPClient(host: "127.0.0.1", port: server.address.port)
            for _ in 0..<50 { _ = try probe.send(HTTPClientRequest("GET", "/probe")) }
            #expect(handed.all.count < 200, "the kernel holds a few megabytes, not fifty")
            client.finish()
            var bytes = 0
            while let some = try client.receive() { bytes += some.count }
            #expect(handed.all.count == 200)
            #expect(bytes > 200 * body.count)
        }
    }

    @Test("A connection may end by the answer to a request that had to wait, with others behind it")
    func endsWhileParsing() throws {
        var limits = Limits()
        limits.pipelinedMax = 1
        limits.outgoingBytesMax = 64 * 1024
        limits.highWaterBytes = 1 << 40
        let body = [UInt8](repeating: 65, count: 1024 * 1024)
        let first = Log<HTTPResponder>()
        let gone = Gate()
        try withServer(limits: limits) { request, responder in
            if first.all.isEmpty { return first.append(responder) }
            responder.onGone { gone.open() }
            responder.respond(status: 200, body: body)
        } body: { server, _ in
            let deaf = try RawClient(port: server.address.port, receiveBuffer: 4_096)
            try deaf.send(String(repeating: Self.request, count: 100))
            while first.all.isEmpty { sched_yield() }
            first.all[0].respond(status: 204)
            gone.wait()
            #expect(server.metrics.figures.connectionsClosed[.slowReader] == 1)
        }
    }

    @Test("One connection more than allowed is answered 503 and counted; when one leaves, the next is served")
    func tooMany() throws {
        var limits = Limits()
        limits.connectionsMax = 2
        try withServer(limits: limits, loops: 2) { _, responder in
            responder.respond(status: 204)
        } body: { server, _ in
            let clients = try (0..<2).map { _ in try RawClient(port: server.address.port) }
            for client in clients {
                try client.send(Self.request)
                _ = try client.receive(until: "\r\n\r\n")
            }
            do {
                let third = try RawClient(port: server.address.port)
                let answer = try third.receiveAll()
                #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
                #expect(answer.contains("http.tooManyConnections"))
            }
            #expect(server.metrics.figures.connectionsRefused == 1)
            clients[0].finish()
            #expect(try clients[0].receiveAll() == "")
            var served = false
            while !served {
                let next = try RawClient(port: server.address.port)
                try next.send(Self.request)
                served = try next.receive(until: "\r\n").contains("204")
            }
        }
    }

    @Test("A server without descriptors turns clients away without spinning, and serves again when it has some")
    func noDescriptors() async {
        await #expect(processExitsWith: .success) {
            var answered = 0
            try withServer { _, responder in
                responder.respond(status: 204)
            } body: { server, loops in
                let port = server.address.port
                // Everything but what the clients need is used up.
                var used = try Descriptors.takeAll()
                guard let last = used.popLast() else { return }
                Glibc.close(last)
                let turnedAway = try RawClient(port: port)
                guard try turnedAway.receive() == nil else { return }
                let before = loops.loops[0].load().batches
                let later = Gate()
                loops.loops[0].schedule(at: EventLoop.monotonicNanoseconds() + 120_000_000) { later.open() }
                later.wait()
                guard loops.loops[0].load().batches - before < 20 else { return }
                for descriptor in used.suffix(8) { Glibc.close(descriptor) }
                let client = try RawClient(port: port)
                try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                if try client.receive(until: "\r\n").contains("204") { answered += 1 }
            }
            exit(answered == 1 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    @Test("A stopping server lets requests in flight finish, ends idle connections, and takes no new ones")
    func drains() throws {
        let waiting = Log<HTTPResponder>()
        let loops = try EventLoopGroup(count: 1)
        loops.start()
        let server = try HTTPServer(loops: loops, address: SocketAddress(host: "127.0.0.1", port: 0)) {
            request, responder in
            if request.path == "/wait" { waiting.append(responder) } else { responder.respond(status: 204) }
        }
        server.start()
        let port = server.address.port
        let idle = try RawClient(port: port)
        try idle.send(Self.request)
        _ = try idle.receive(until: "\r\n\r\n")
        let busy = try RawClient(port: port)
        try busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
        while waiting.all.isEmpty { sched_yield() }
        let stopper = try EventLoop(name: "stopper")
        stopper.start()
        let stopped = Gate()
        stopper.run {
            server.stop(drainMilliseconds: 20_000)
            stopped.open()
        }
        #expect(try idle.receiveAll() == "")
        #expect(throws: RawClient.Failure.self) { _ = try RawClient(port: port) }
        waiting.all[0].respond(status: 200, body: Array("done".utf8))
        let answer = try busy.receiveAll()
        #expect(answer.contains("Connection: close\r\n"))
        #expect(answer.hasSuffix("done"))
        idle.finish()
        busy.finish()
        stopped.wait()
        #expect(server.connectionsOpen == 0)
        stopper.stop()
        loops.stop()
    }

    @Test("A loop that stops closes its connections and tells their owners")
    func loopStops() throws {
        let loops = try EventLoopGroup(count: 1)
        loops.start()
        let gone = Gate()
        let waiting = Log<HTTPResponder>()
        let server = try HTTPServer(loops: loops, address: SocketAddress(host: "127.0.0.1", port: 0)) { _, responder in
            responder.onGone { gone.open() }
            waiting.append(responder)
        }
        server.start()
        let client = try RawClient(port: server.address.port)
        try client.send(Self.request)
        while waiting.all.isEmpty { sched_yield() }
        loops.stop()
        gone.wait()
        #expect(try client.receive() == nil)
        #expect(server.metrics.figures.connectionsClosed[.shutdown] == 1)
    }
}
