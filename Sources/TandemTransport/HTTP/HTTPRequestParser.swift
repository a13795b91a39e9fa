/// Requests out of bytes, however they are sliced (RFC 9112).
///
///     head ── complete ──▶ body by length ────────────────────────────▶ request
///       ▲          └─────▶ chunk line ──▶ chunk data ──▶ its line end      │
///       │                      ▲ └─ last ──▶ trailers ─────────────────▶   │
///       └──────────────────────┴───────────────────────────────────────────┘
///
/// A head that comes whole is read where it lies and copied once; one that comes in parts is collected first, never more
/// than the limits allow. After a refusal the parser stays refused.
package struct HTTPRequestParser {
    /// What is being waited for.
    package enum Phase: Equatable, Sendable {
        /// The first byte of a request.
        case idle
        case head
        case body
    }

    private enum State {
        case head
        case length(remaining: Int)
        case chunkLine
        case chunkData(remaining: Int)
        case chunkEnd
        case trailers
        case refused(HTTPRefusal)
    }

    private let limits: Limits
    private var state = State.head
    private var head = HTTPHead()
    /// The head so far, when it came in parts; the whole of it while the body comes.
    private var headBytes: [UInt8] = []
    private var body: [UInt8] = []
    private var line = LineCollector()
    private var trailerBytes: [UInt8] = []
    private var trailerCount = 0
    private var extensionBytes = 0
    private var continueOwed = false

    package init(limits: Limits) { self.limits = limits }

    package var phase: Phase {
        switch state {
        case .head: headBytes.isEmpty ? .idle : .head
        case .length, .chunkLine, .chunkData, .chunkEnd, .trailers: .body
        case .refused: .idle
        }
    }

    /// Bytes of the current body so far.
    package var bodyBytes: Int { body.count }

    /// The client waits for `100 Continue` before it sends the body; true once per request, and no more once body bytes
    /// have come.
    package mutating func takeContinue() -> Bool {
        defer { continueOwed = false }
        return continueOwed && body.isEmpty
    }

    /// Reads on in `input` from `offset`, which moves behind what was used; returns a request when one is complete, nil when
    /// all was used and more is needed.
    package mutating func next(
        _ input: UnsafeRawBufferPointer, from offset: inout Int
    ) throws(HTTPRefusal) -> HTTPRequest? {
        do {
            return try advance(input, &offset)
        } catch {
            state = .refused(error)
            throw error
        }
    }

    private mutating func advance(
        _ input: UnsafeRawBufferPointer, _ offset: inout Int
    ) throws(HTTPRefusal) -> HTTPRequest? {
        while offset < input.count {
            switch state {
            case .head:
                guard try takeHead(input, &offset) else { return nil }
                if let request = try beginBody() { return request }
            case .length(let remaining):
                let taken = takeBody(input, &offset, remaining)
                guard taken == remaining else {
                    state = .length(remaining: remaining - taken)
                    return nil
                }
                return finish()
            case .chunkLine:
                guard try line.take(input, &offset, max: Limits.chunkLineBytesMax, tooLong: .chunkLineTooLong) else {
                    return nil
                }
                try chunkLine()
            case .chunkData(let remaining):
                let taken = takeBody(input, &offset, remaining)
                state = taken == remaining ? .chunkEnd : .chunkData(remaining: remaining - taken)
            case .chunkEnd:
                guard try line.take(input, &offset, max: 2, tooLong: .chunkMalformed) else { return nil }
                guard line.bytes.isEmpty else { throw .chunkMalformed }
                state = .chunkLine
            case .trailers:
                let max = limits.headerBytesMax - trailerBytes.count
                guard try line.take(input, &offset, max: max, tooLong: .headersTooLong) else { return nil }
                if line.bytes.isEmpty { return finish() }
                try trailer()
            case .refused(let refusal): throw refusal
            }
        }
        if case .refused(let refusal) = state { throw refusal }
        return nil
    }

    // MARK: Head

    /// Takes bytes of the head; true when it is complete (`headBytes` then holds all of it).
    private mutating func takeHead(_ input: UnsafeRawBufferPointer, _ offset: inout Int) throws(HTTPRefusal) -> Bool {
        let rest = UnsafeRawBufferPointer(rebasing: input[offset...])
        let before = headBytes.count
        if before == 0 {
            guard let length = try head.scan(rest, limits) else {
                headBytes.append(contentsOf: rest)
                offset = input.count
                return false
            }
            headBytes = Array(rest[..<length])
            offset += length
            return true
        }
        // More than this is refused whatever it says, so no more is collected.
        let max = limits.requestLineBytesMax * (Limits.emptyLinesMax + 1) + limits.headerBytesMax + 2
        headBytes.append(contentsOf: rest.prefix(Swift.max(0, max - before)))
        let length = try headBytes.withUnsafeBufferPointer { bytes throws(HTTPRefusal) in
            try head.scan(UnsafeRawBufferPointer(bytes), limits)
        }
        guard let length else {
            offset = input.count
            return false
        }
        headBytes.removeLast(headBytes.count - length)
        offset += length - before
        return true
    }

    /// Decides how the body ends; returns the request when it has none.
    private mutating func beginBody() throws(HTTPRefusal) -> HTTPRequest? {
        switch head.framing {
        case .none, .length(0): return finish()
        case .length(let length):
            guard length <= limits.bodyBytesMax else { throw .bodyTooLong }
            body.reserveCapacity(min(length, Limits.readBufferBytes))
            state = .length(remaining: length)
        case .chunked: state = .chunkLine
        }
        continueOwed = head.wantsContinue
        return nil
    }

    private mutating func finish() -> HTTPRequest {
        let trailers =
            trailerBytes.isEmpty ? HTTPFields.none : HTTPFields(trailerBytes, start: 0, end: trailerBytes.count)
        let request = HTTPRequest(head, bytes: headBytes, body: body, trailers: trailers)
        state = .head
        head = HTTPHead()
        headBytes = []
        body = []
        trailerBytes = []
        trailerCount = 0
        extensionBytes = 0
        continueOwed = false
        return request
    }

    // MARK: Body

    /// Takes at most `wanted` bytes into the body; returns how many.
    private mutating func takeBody(_ input: UnsafeRawBufferPointer, _ offset: inout Int, _ wanted: Int) -> Int {
        let count = min(wanted, input.count - offset)
        body.append(contentsOf: input[offset..<(offset + count)])
        offset += count
        return count
    }

    /// A chunk's size in hexadecimal digits, then perhaps extensions, which are checked and ignored.
    private mutating func chunkLine() throws(HTTPRefusal) {
        let size = try Self.chunkSize(line.bytes)
        extensionBytes += size.extensionBytes
        guard extensionBytes <= Limits.chunkExtensionBytesMax else { throw .chunkExtensionsTooLong }
        if size.length == 0 {
            state = .trailers
        } else {
            guard size.length <= limits.bodyBytesMax - body.count else { throw .bodyTooLong }
            state = .chunkData(remaining: size.length)
        }
    }

    static func chunkSize(_ line: [UInt8]) throws(HTTPRefusal) -> (length: Int, extensionBytes: Int) {
        var length = 0
        var digits = 0
        while digits < line.count, let digit = HTTPCharacters.hexadecimal(line[digits]) {
            guard digits < 15 else { throw .chunkMalformed }
            length = length << 4 | digit
            digits += 1
        }
        guard digits > 0 else { throw .chunkMalformed }
        let rest = line[digits...]
        if let first = rest.first(where: { $0 != 32 && $0 != 9 }) {
            guard first == UInt8(ascii: ";") else { throw .chunkMalformed }
            let plain = rest.withUnsafeBytes { HTTPCharacters.all($0, are: HTTPCharacters.value) }
            guard plain else { throw .chunkMalformed }
        } else {
            guard rest.isEmpty else { throw .chunkMalformed }
        }
        return (length, rest.count)
    }

    private mutating func trailer() throws(HTTPRefusal) {
        trailerCount += 1
        guard trailerCount <= limits.headersMax else { throw .headersTooMany }
        try line.bytes.withUnsafeBufferPointer { bytes throws(HTTPRefusal) in
            let (name, _) = try HTTPHead.split(UnsafeRawBufferPointer(bytes))
            // What says where messages end or whom they are for cannot come after the fact (RFC 9110, 6.5.1).
            for forbidden: StaticString in ["content-length", "transfer-encoding", "host", "connection", "expect"]
            where HTTPCharacters.equal(name, forbidden) {
                throw .trailerForbidden
            }
        }
        trailerBytes += line.bytes
        trailerBytes += [13, 10]
    }
}
