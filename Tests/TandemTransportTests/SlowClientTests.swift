import Glibc
import Testing

@testable import TandemTransport

@Suite("Clients that take much and give little")
struct SlowClientTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("A client that reads all the time but too slowly is dropped: progress alone is not enough")
    func pace() throws {
        var limits = Limits()
        limits.stallMilliseconds = 50
        limits.stallBytesMin = 1 << 40
        let body = [UInt8](repeating: 65, count: 64 * 1024 * 1024)
        try withServer(limits: limits) { _, responder in
            responder.respond(status: 200, body: body)
        } body: { server, _ in
            let client = try RawClient(port: server.address.port, receiveBuffer: 4_096)
            try client.send(Self.request)
            var bytes = 0
            while let some = try client.receive() { bytes += some.count }
            #expect(bytes < body.count)
            #expect(server.metrics.figures.connectionsClosed[.slowReader] == 1)
        }
    }

    @Test("A client that keeps the pace is served on, though never all of what waits has been taken")
    func keepsPace() throws {
        var limits = Limits()
        limits.stallMilliseconds = 1_000
        limits.stallBytesMin = 1
        let part = [UInt8](repeating: 65, count: 64 * 1024)
        try withServer(limits: limits) { _, responder in
            @Sendable func more() { while !responder.isCongested { responder.write(part) } }
            responder.onDrained(more)
            responder.begin(status: 200)
            more()
        } body: { server, _ in
            let client = try RawClient(port: server.address.port)
            try client.send(Self.request)
            let end = EventLoop.monotonicNanoseconds() + 2_500_000_000
            while EventLoop.monotonicNanoseconds() < end { #expect(try client.receive() != nil) }
        }
    }

    @Test("One large answer that is held behind another reaches a client that reads")
    func heldOne() throws {
        var limits = Limits()
        limits.outgoingBytesMax = 256 * 1024
        let body = [UInt8](repeating: 65, count: 1024 * 1024)
        let first = Log<HTTPResponder>()
        let second = Gate()
        try withServer(limits: limits) { request, responder in
            if request.path == "/first" { return first.append(responder) }
            responder.respond(status: 200, body: body)
            second.open()
        } body: { server, _ in
            let client = try RawClient(port: server.address.port)
            try client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n" + Self.request)
            second.wait()
            first.all[0].respond(status: 204)
            #expect(try client.receive(until: "\r\n\r\n").contains("204"))
            _ = try client.receive(until: "\r\n\r\n")
            #expect(try client.receive(exactly: body.count) == body)
        }
    }

    @Test("While much is held for a connection none of its requests is handed out; all are answered in the end")
    func heldWaits() throws {
        let body = [UInt8](repeating: 65, count: 200 * 1024)
        let handed = Log<HTTPResponder?>()
        try withServer { request, responder in
            if request.path == "/first" { return handed.append(responder) }
            handed.append(nil)
            responder.respond(status: 200, body: body)
        } body: { server, loops in
            let client = try RawClient(port: server.address.port)
            try client.send(
                "GET /first HTTP/1.1\r\nHost: a\r\n\r\n" + String(repeating: Self.request, count: 20))
            while handed.all.count < 3 { sched_yield() }
            // Whatever the loop would still hand out, it has handed out now.
            let later = Gate()
            loops.loops[0].run { loops.loops[0].run { later.open() } }
            later.wait()
            #expect(handed.all.count == 3, "two answers are more than the mark")
            handed.all[0]?.respond(status: 204)
            _ = try client.receive(until: "\r\n\r\n")
            for _ in 0..<20 {
                _ = try client.receive(until: "\r\n\r\n")
                #expect(try client.receive(exactly: body.count) == body)
            }
        }
    }

    @Test("Answers that are held are bounded for a connection together")
    func heldTogether() throws {
        var limits = Limits()
        limits.outgoingBytesMax = 1024 * 1024
        let body = [UInt8](repeating: 65, count: 200 * 1024)
        let waiting = Log<HTTPResponder>()
        try withServer(limits: limits) { _, responder in
            waiting.append(responder)
        } body: { server, _ in
            let client = try RawClient(port: server.address.port)
            try client.send(String(repeating: Self.request, count: 20))
            while waiting.all.count < 20 { sched_yield() }
            for responder in waiting.all.dropFirst() { responder.respond(status: 200, body: body) }
            #expect(try client.receive() == nil)
            #expect(server.metrics.figures.connectionsClosed[.slowReader] == 1)
        }
    }

    @Test("Unfinished bodies are bounded together: one too many is answered 503, common ones never are")
    func bodies() throws {
        var limits = Limits()
        limits.bodiesBytesMax = 100_000
        try withServer(limits: limits) { request, responder in
            responder.respond(status: 200, body: Array("\(request.body.count)".utf8))
        } body: { server, _ in
            func post(_ length: Int, sending count: Int) throws -> RawClient {
                let client = try RawClient(port: server.address.port)
                let before = server.metrics.figures.bytesIn
                let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n"
                try client.send(Array(head.utf8) + [UInt8](repeating: 65, count: count))
                while server.metrics.figures.bytesIn < before + head.utf8.count + count { sched_yield() }
                return client
            }
            for _ in 0..<2 {
                let large = try post(200_000, sending: 110_000)
                let refused = try post(60_000, sending: 50_000)
                let answer = try refused.receiveAll()
                #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("http.bodiesTooMany"))
                #expect(answer.contains("Retry-After: 1\r\n"))
                for _ in 0..<10 {
                    let common = try post(10_000, sending: 10_000)
                    #expect(try common.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
                }
                // What it had taken is free again, whether it is completed or given up.
                large.finish()
                _ = try large.receiveAll()
                let other = try post(110_000, sending: 110_000)
                #expect(try other.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
            }
        }
    }
}
