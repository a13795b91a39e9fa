import TestChance
import Testing

@testable import TandemTransport

@Suite("The HTTP response parser")
struct HTTPResponseParserTests {
    private func judge(_ slices: [[UInt8]], isForHead: Bool = false) -> [String] {
        var parser = HTTPResponseParser(limits: Limits())
        parser.isForHead = isForHead
        var outcome: [String] = []
        for slice in slices {
            var offset = 0
            while offset < slice.count {
                do throws(HTTPRefusal) {
                    let response = try slice.withUnsafeBufferPointer { bytes throws(HTTPRefusal) in
                        try parser.next(UnsafeRawBufferPointer(bytes), from: &offset)
                    }
                    guard let response else { break }
                    outcome.append(describe(response, parser.closes))
                } catch {
                    return outcome + ["refused: \(error)"]
                }
            }
        }
        if let response = parser.end() { outcome.append(describe(response, parser.closes)) }
        return outcome
    }

    private func describe(_ response: HTTPResponse, _ closes: Bool) -> String {
        "\(response.status) \(response.header("X") ?? "-") \(response.text) \(response.trailers.first("T") ?? "-") \(closes)"
    }

    private func judgeEveryWay(_ text: String, isForHead: Bool = false) -> [String] {
        let all = Array(text.utf8)
        let whole = judge([all], isForHead: isForHead)
        #expect(judge(all.map { [$0] }, isForHead: isForHead) == whole, "byte by byte")
        for seed: UInt64 in 1...5 {
            var generator = SeededGenerator(seed: seed)
            #expect(judge(generator.slices(all), isForHead: isForHead) == whole, "seed \(seed)")
        }
        return whole
    }

    @Test("Answers of every framing come out whole, interim ones are passed over")
    func framings() {
        let text =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: a\r\nContent-Length: 2\r\n\r\nok"
            + "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 201\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "2\r\nab\r\n1\r\nc\r\n0\r\nT: x\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"
            + "HTTP/1.1 200 OK\r\n\r\nuntil the end"
        #expect(
            judgeEveryWay(text) == [
                "200 a ok - false", "204 -  - false", "201 - abc x false", "304 -  - false",
                "200 - until the end - true",
            ])
        #expect(judgeEveryWay("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", isForHead: true) == ["200 -  - false"])
        #expect(judgeEveryWay("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n") == ["200 -  - true"])
    }

    @Test(
        "A malformed answer is refused",
        arguments: [
            "HTTX/1.1 200 OK\r\n", "HTTP/1.1 2x0 OK\r\n", "HTTP/1.1 200OK\r\n", "HTTP/1.1 20\r\n",
            "HTTP/1.1 200 OK\r\nX : a\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
            "HTTP/1.1 200 OK\nX: a\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        ])
    func malformed(_ text: String) {
        let outcome = judgeEveryWay(text)
        #expect(outcome.count == 1 && outcome[0].hasPrefix("refused"), "\(outcome)")
    }

    @Test("Random bytes do not trap", arguments: UInt64(1)...20)
    func fuzz(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            var text = Array("HTTP/1.1 200 OK\r\nX: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n".utf8)
            for _ in 0..<(generator.next() % 4) {
                text[Int(generator.next() % UInt64(text.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            #expect(judge(text.map { [$0] }) == judge([text]), "seed \(seed)")
        }
    }
}
