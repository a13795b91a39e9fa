/// Answers out of bytes, however they are sliced (RFC 9112, the client's side).
struct HTTPResponseParser {
    private enum State {
        case statusLine, fields
        case length(remaining: Int)
        case chunkLine, chunkEnd
        case chunkData(remaining: Int)
        case trailers
        case untilClose
    }

    private let limits: Limits
    private var state = State.statusLine
    private var line = LineCollector()
    private var fieldBytes: [UInt8] = []
    private var trailerBytes: [UInt8] = []
    private var fieldCount = 0
    private var body: [UInt8] = []
    private var length: Int?
    private var chunked = false
    private(set) var status = 0
    private(set) var closes = false
    /// The answer being read belongs to a HEAD request.
    var isForHead = false
    /// Hands out the body's parts instead of collecting them.
    var onPart: (([UInt8]) -> Void)?

    init(limits: Limits) { self.limits = limits }

    /// Nothing of an answer has come.
    var isIdle: Bool {
        if case .statusLine = state { return line.isEmpty }
        return false
    }

    /// Reads on; returns an answer when one is complete. Interim answers (100, 103) are passed over.
    mutating func next(_ input: UnsafeRawBufferPointer, from offset: inout Int) throws(HTTPRefusal) -> HTTPResponse? {
        while offset < input.count {
            switch state {
            case .statusLine:
                let max = limits.requestLineBytesMax
                guard try line.take(input, &offset, max: max, tooLong: .requestLineTooLong) else { return nil }
                try statusLine()
            case .fields:
                let max = limits.headerBytesMax - fieldBytes.count
                guard try line.take(input, &offset, max: max, tooLong: .headersTooLong) else { return nil }
                if line.bytes.isEmpty {
                    if let response = try beginBody() { return response }
                } else {
                    try field()
                }
            case .length(let remaining):
                let taken = try takeBody(input, &offset, remaining)
                guard taken == remaining else {
                    state = .length(remaining: remaining - taken)
                    return nil
                }
                return finish()
            case .chunkLine:
                guard try line.take(input, &offset, max: Limits.chunkLineBytesMax, tooLong: .chunkLineTooLong) else {
                    return nil
                }
                let size = try HTTPRequestParser.chunkSize(line.bytes).length
                state = size == 0 ? .trailers : .chunkData(remaining: size)
            case .chunkData(let remaining):
                let taken = try takeBody(input, &offset, remaining)
                state = taken == remaining ? .chunkEnd : .chunkData(remaining: remaining - taken)
            case .chunkEnd:
                guard try line.take(input, &offset, max: 2, tooLong: .chunkMalformed) else { return nil }
                guard line.bytes.isEmpty else { throw .chunkMalformed }
                state = .chunkLine
            case .trailers:
                let max = limits.headerBytesMax - trailerBytes.count
                guard try line.take(input, &offset, max: max, tooLong: .headersTooLong) else { return nil }
                if line.bytes.isEmpty { return finish() }
                trailerBytes += line.bytes + [13, 10]
            case .untilClose: _ = try takeBody(input, &offset, .max)
            }
        }
        return nil
    }

    /// The connection has ended: the answer that it ends, if there is one.
    mutating func end() -> HTTPResponse? {
        if case .untilClose = state { return finish() }
        return nil
    }

    private mutating func statusLine() throws(HTTPRefusal) {
        // HTTP/1.1 200 OK
        let bytes = line.bytes
        guard bytes.count >= 12, bytes.starts(with: "HTTP/1.".utf8), bytes[8] == 32,
            bytes.count == 12 || bytes[12] == 32, bytes[9...11].allSatisfy({ (48...57).contains($0) })
        else { throw .requestLineMalformed }
        status = bytes[9...11].reduce(0) { $0 * 10 + Int($1) - 48 }
        closes = bytes[7] == 48
        state = .fields
    }

    private mutating func field() throws(HTTPRefusal) {
        fieldCount += 1
        guard fieldCount <= limits.headersMax else { throw .headersTooMany }
        try line.bytes.withUnsafeBufferPointer { bytes throws(HTTPRefusal) in
            let (name, value) = try HTTPHead.split(UnsafeRawBufferPointer(bytes))
            if HTTPCharacters.equal(name, "content-length") {
                let value = try HTTPHead.length(value)
                guard length == nil || length == value else { throw .contentLengthRepeated }
                length = value
            } else if HTTPCharacters.equal(name, "transfer-encoding") {
                guard HTTPCharacters.equal(value, "chunked") else { throw .encodingUnknown }
                chunked = true
            } else if HTTPCharacters.equal(name, "connection") {
                HTTPCharacters.members(value) { if HTTPCharacters.equal($0, "close") { closes = true } }
            }
        }
        fieldBytes += line.bytes
        fieldBytes += [13, 10]
    }

    private mutating func beginBody() throws(HTTPRefusal) -> HTTPResponse? {
        if status < 200, status != 101 {
            reset()
            return nil
        }
        guard !chunked || length == nil else { throw .lengthAndEncoding }
        if isForHead || HTTPStatus.isBodiless(status) || length == 0 { return finish() }
        if chunked {
            state = .chunkLine
        } else if let length {
            guard onPart != nil || length <= limits.bodyBytesMax else { throw .bodyTooLong }
            state = .length(remaining: length)
        } else {
            closes = true
            state = .untilClose
        }
        return nil
    }

    private mutating func takeBody(
        _ input: UnsafeRawBufferPointer, _ offset: inout Int, _ wanted: Int
    ) throws(HTTPRefusal) -> Int {
        let count = min(wanted, input.count - offset)
        let part = input[offset..<(offset + count)]
        offset += count
        if let onPart {
            onPart(Array(part))
        } else {
            guard count <= limits.bodyBytesMax - body.count else { throw .bodyTooLong }
            body.append(contentsOf: part)
        }
        return count
    }

    private mutating func finish() -> HTTPResponse {
        let response = HTTPResponse(
            status: status, headers: HTTPFields(fieldBytes, start: 0, end: fieldBytes.count), body: body,
            trailers: HTTPFields(trailerBytes, start: 0, end: trailerBytes.count))
        let closes = self.closes
        reset()
        self.closes = closes
        return response
    }

    private mutating func reset() {
        state = .statusLine
        fieldBytes = []
        trailerBytes = []
        fieldCount = 0
        body = []
        length = nil
        chunked = false
        closes = false
    }
}
