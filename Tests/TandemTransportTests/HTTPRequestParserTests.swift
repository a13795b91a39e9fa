import TestChance
import Testing

@testable import TandemTransport

@Suite("The HTTP request parser")
struct HTTPRequestParserTests {
    /// What came of some bytes: a line per request, then perhaps the refusal.
    private func judge(_ slices: [[UInt8]], limits: Limits = Limits()) -> [String] {
        var parser = HTTPRequestParser(limits: limits)
        var outcome: [String] = []
        for slice in slices {
            var offset = 0
            while offset < slice.count {
                do throws(HTTPRefusal) {
                    let request = try slice.withUnsafeBufferPointer { bytes throws(HTTPRefusal) in
                        try parser.next(UnsafeRawBufferPointer(bytes), from: &offset)
                    }
                    guard let request else { break }
                    outcome.append(describe(request))
                } catch {
                    return outcome + ["refused: \(error)"]
                }
            }
        }
        return outcome
    }

    private func describe(_ request: HTTPRequest) -> String {
        "\(request.methodName) \(request.path) ?\(request.query ?? "-") keep:\(request.keepsAlive) "
            + "[\(lines(request.headers))] \(String(decoding: request.body, as: UTF8.self)) [\(lines(request.trailers))]"
    }

    private func lines(_ fields: HTTPFields) -> String {
        var lines: [String] = []
        fields.forEach { name, value in
            lines.append("\(String(decoding: name, as: UTF8.self))=\(String(decoding: value, as: UTF8.self))")
            return true
        }
        return lines.joined(separator: "|")
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Whole, byte by byte, and in random slices must come to the same.
    private func judgeEveryWay(_ text: String, limits: Limits = Limits()) -> [String] {
        let all = bytes(text)
        let whole = judge([all], limits: limits)
        #expect(judge(all.map { [$0] }, limits: limits) == whole, "byte by byte")
        for seed: UInt64 in 1...8 {
            var generator = SeededGenerator(seed: seed)
            #expect(judge(generator.slices(all), limits: limits) == whole, "seed \(seed)")
        }
        return whole
    }

    @Test("Pipelined requests of every framing come out whole, in order, however they are sliced")
    func pipeline() {
        let text =
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
            + "POST /p%20q?x=1&y=%C3%A9 HTTP/1.1\r\nhost:a:80\r\nContent-Length:5\r\nX-Empty:\r\n\r\nhello"
            + "\r\nPUT /c HTTP/1.1\r\nHost: [::1]:1\r\nTransfer-Encoding: Chunked\r\n\r\n"
            + "3\r\nabc\r\n0A;n=v;q=\"z\"\r\n0123456789\r\n0\r\nX-Sum: 13\r\n\r\n"
            + "OPTIONS * HTTP/1.1\r\nHost:\r\nConnection: foo, Close\r\n\r\n"
            + "HEAD http://h.example:8080?q HTTP/1.1\r\nHost: x\r\n\r\n"
            + "GET /old HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /older HTTP/1.0\r\n\r\n"
        #expect(
            judgeEveryWay(text) == [
                "GET / ?- keep:true [Host=a]  []",
                "POST /p%20q ?x=1&y=%C3%A9 keep:true [host=a:80|Content-Length=5|X-Empty=] hello []",
                "PUT /c ?- keep:true [Host=[::1]:1|Transfer-Encoding=Chunked] abc0123456789 [X-Sum=13]",
                "OPTIONS * ?- keep:false [Host=|Connection=foo, Close]  []",
                "HEAD / ?q keep:true [Host=x]  []",
                "GET /old ?- keep:true [Connection=Keep-Alive]  []",
                "GET /older ?- keep:false []  []",
            ])
    }

    /// A request with these header lines besides Host.
    private static func with(_ lines: String) -> String { "POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n" }

    private static func chunked(_ body: String) -> String { with("Transfer-Encoding: chunked\r\n") + body }

    static let bad: [(String, HTTPRefusal)] = [
        // The request line.
        ("GET / HTTP/1.1\nHost: a\n\n", .bareLineFeed),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineFeed),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed),
        ("\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", .emptyLines),
        (" GET / HTTP/1.1\r\n\r\n", .requestLineMalformed),
        ("GET  / HTTP/1.1\r\n\r\n", .requestLineMalformed),
        ("GET /\r\n\r\n", .requestLineMalformed),
        ("GET\r\n\r\n", .requestLineMalformed),
        ("G@T / HTTP/1.1\r\n\r\n", .requestLineMalformed),
        ("GET\t/ HTTP/1.1\r\n\r\n", .requestLineMalformed),
        ("GET / HTTP/1.1 \r\n\r\n", .versionMalformed),
        ("GET / x HTTP/1.1\r\n\r\n", .versionMalformed),
        ("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", .versionMalformed),
        ("GET / http/1.1\r\n\r\n", .versionMalformed),
        ("GET / HTTP/1\r\n\r\n", .versionMalformed),
        ("GET / HTTP/11.1\r\n\r\n", .versionMalformed),
        ("GET / HTTP/2.0\r\n\r\n", .versionUnknown),
        ("GET / HTTP/0.9\r\n\r\n", .versionUnknown),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .versionUnknown),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", .targetMalformed),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", .targetMalformed),
        ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", .targetMalformed),
        ("GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", .targetMalformed),
        ("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", .targetMalformed),
        ("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", .targetMalformed),
        ("GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", .targetMalformed),
        ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", .targetMalformed),
        ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .targetMalformed),
        ("GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", .targetMalformed),
        ("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", .targetMalformed),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", .connectMethod),
        ("\(String(repeating: "M", count: 33)) / HTTP/1.1\r\nHost: a\r\n\r\n", .methodTooLong),
        // Header lines.
        ("GET / HTTP/1.1\r\n\r\n", .hostMissing),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .hostRepeated),
        ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", .hostMalformed),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .hostMalformed),
        ("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", .hostMalformed),
        ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", .hostMalformed),
        ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .hostMalformed),
        ("GET / HTTP/1.1\r\nHost: :80\r\n\r\n", .hostMalformed),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedHeader),
        (with("X: a\r\n b\r\n"), .foldedHeader),
        (with("X: a\r\n\tb\r\n"), .foldedHeader),
        (with("X : a\r\n"), .headerNameMalformed),
        (with("X\r\n"), .headerNameMalformed),
        (with(": a\r\n"), .headerNameMalformed),
        (with("X\u{e9}: a\r\n"), .headerNameMalformed),
        (with("X(: a\r\n"), .headerNameMalformed),
        (with("X: a\0b\r\n"), .headerValueMalformed),
        (with("X: a\rb\r\n"), .headerValueMalformed),
        (with("X: a\u{7f}\r\n"), .headerValueMalformed),
        (with("Expect: a miracle\r\n"), .expectationUnknown),
        // Where the body ends.
        (with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), .lengthAndEncoding),
        (with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), .lengthAndEncoding),
        (with("Content-Length: 5\r\nContent-Length: 6\r\n"), .contentLengthRepeated),
        (with("Content-Length: 5\r\nContent-Length: 5\r\n"), .contentLengthRepeated),
        (with("Content-Length: 5, 5\r\n"), .contentLengthMalformed),
        (with("Content-Length: +5\r\n"), .contentLengthMalformed),
        (with("Content-Length: -5\r\n"), .contentLengthMalformed),
        (with("Content-Length: 0x5\r\n"), .contentLengthMalformed),
        (with("Content-Length: 5 5\r\n"), .contentLengthMalformed),
        (with("Content-Length:\r\n"), .contentLengthMalformed),
        (with("Content-Length: 9999999999999999999\r\n"), .contentLengthMalformed),
        (with("Content-Length: 1048577\r\n"), .bodyTooLong),
        (with("Transfer-Encoding: gzip, chunked\r\n"), .encodingUnknown),
        (with("Transfer-Encoding: chunked, gzip\r\n"), .encodingMalformed),
        (with("Transfer-Encoding: chunked, chunked\r\n"), .encodingMalformed),
        (with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), .encodingMalformed),
        (with("Transfer-Encoding: xchunked\r\n"), .encodingMalformed),
        (with("Transfer-Encoding: \u{0b}chunked\r\n"), .headerValueMalformed),
        (with("Transfer-Encoding: identity\r\n"), .encodingMalformed),
        (with("Transfer-Encoding:\r\n"), .encodingMalformed),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .encodingInOldVersion),
        // Chunks.
        (chunked("x\r\n"), .chunkMalformed),
        (chunked("\r\n"), .chunkMalformed),
        (chunked("-1\r\n"), .chunkMalformed),
        (chunked("0x1\r\na\r\n"), .chunkMalformed),
        (chunked("1 \r\na\r\n"), .chunkMalformed),
        (chunked("1\na\r\n"), .bareLineFeed),
        (chunked("1;a\0b\r\na\r\n"), .chunkMalformed),
        (chunked("1;a\nb\r\na\r\n"), .bareLineFeed),
        (chunked("1\r\nab\r\n"), .chunkMalformed),
        (chunked("1\r\na\n"), .bareLineFeed),
        (chunked("1000000000000000\r\n"), .chunkMalformed),
        (chunked("100001\r\n"), .bodyTooLong),
        (chunked("1;\(String(repeating: "e", count: 1_100))\r\n"), .chunkLineTooLong),
        (
            chunked(String(repeating: "1;\(String(repeating: "e", count: 999))\r\na\r\n", count: 20)),
            .chunkExtensionsTooLong
        ),
        (chunked("0\r\nContent-Length: 3\r\n\r\n"), .trailerForbidden),
        (chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"), .trailerForbidden),
        (chunked("0\r\nX : 3\r\n\r\n"), .headerNameMalformed),
        // Sizes.
        ("GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\n\r\n", .requestLineTooLong),
        (String(repeating: "A", count: 9_000), .requestLineTooLong),
        (with("X: \(String(repeating: "a", count: 33_000))\r\n"), .headersTooLong),
        (with(String(repeating: "X: \(String(repeating: "a", count: 500))\r\n", count: 70)), .headersTooLong),
        (with(String(repeating: "X: a\r\n", count: 101)), .headersTooMany),
        (chunked("0\r\n\(String(repeating: "X: a\r\n", count: 101))\r\n"), .headersTooMany),
    ]

    @Test("A bad request is refused for what is wrong with it, however it is sliced", arguments: bad)
    func badShapes(_ text: String, _ refusal: HTTPRefusal) {
        #expect(judgeEveryWay(text) == ["refused: \(refusal)"])
    }

    @Test("What is just within the limits is accepted")
    func limits() {
        let path = "/" + String(repeating: "a", count: 8 * 1024 - "GET / HTTP/1.1\r\n".count)
        #expect(judgeEveryWay("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n").count == 1)
        let long = "GET \(path)a HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(judgeEveryWay(long) == ["refused: requestLineTooLong"])
        let value = String(repeating: "v", count: 32 * 1024 - "Host: a\r\nX: \r\n\r\n".count)
        #expect(judgeEveryWay("GET / HTTP/1.1\r\nHost: a\r\nX: \(value)\r\n\r\n").count == 1)
        #expect(judgeEveryWay("GET / HTTP/1.1\r\nHost: a\r\nX: \(value)v\r\n\r\n") == ["refused: headersTooLong"])
        var small = Limits()
        small.bodyBytesMax = 8
        #expect(judgeEveryWay(Self.with("Content-Length: 8\r\n") + "12345678", limits: small).count == 1)
        #expect(judgeEveryWay(Self.with("Content-Length: 9\r\n"), limits: small) == ["refused: bodyTooLong"])
        #expect(judgeEveryWay(Self.chunked("5\r\n12345\r\n3\r\n678\r\n0\r\n\r\n"), limits: small).count == 1)
        #expect(judgeEveryWay(Self.chunked("5\r\n12345\r\n4\r\n"), limits: small) == ["refused: bodyTooLong"])
    }

    @Test("After a refusal nothing more is accepted")
    func refusedForGood() {
        var parser = HTTPRequestParser(limits: Limits())
        for text in ["GET / HTTP/9.9\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
            let all = bytes(text)
            all.withUnsafeBytes { raw in
                var offset = 0
                #expect(throws: HTTPRefusal.versionUnknown) { _ = try parser.next(raw, from: &offset) }
            }
        }
    }

    @Test("Random bytes and damaged requests neither trap nor depend on slicing", arguments: UInt64(1)...40)
    func fuzz(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pool = [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n", Self.chunked("3;x\r\nabc\r\n0\r\nA: b\r\n\r\n"),
            Self.with("Content-Length: 3\r\n") + "abc", "OPTIONS * HTTP/1.0\r\n\r\n",
        ]
        for _ in 0..<50 {
            var text = bytes((0..<3).map { _ in pool[Int(generator.next() % 4)] }.joined())
            for _ in 0..<(generator.next() % 4) {
                text[Int(generator.next() % UInt64(text.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            if generator.next() % 5 == 0 { text = generator.bytes(200) }
            let whole = judge([text])
            #expect(judge(text.map { [$0] }) == whole, "seed \(seed)")
            #expect(judge(generator.slices(text)) == whole, "seed \(seed)")
        }
    }

    @Test("Path and query come apart and decoded")
    func pathAndQuery() throws {
        let all = bytes("GET /v1/a%2Fb//c%20d?n=J%C3%BCrgen+M&flag&n=2 HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-a: 2\r\n\r\n")
        var parser = HTTPRequestParser(limits: Limits())
        var offset = 0
        let parsed = try all.withUnsafeBytes { try parser.next($0, from: &offset) }
        let request = try #require(parsed)
        #expect(request.pathComponents == ["v1", "a/b", "", "c d"])
        #expect(request.queryItem("n") == "Jürgen M")
        #expect(request.queryItem("flag") == "")
        #expect(request.queryItem("none") == nil)
        #expect(request.header("X-a") == "1")
        #expect(request.headers.all("X-A") == ["1", "2"])
        #expect(request.headers.first("x") == nil)
        #expect(request.pathEquals("/v1/a%2Fb//c%20d"))
        #expect(!request.pathEquals("/v1"))
    }
}
