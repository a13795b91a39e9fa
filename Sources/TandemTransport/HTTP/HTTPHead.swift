internal import Glibc

/// How a body's end is known.
enum HTTPFraming: Equatable {
    case none, length(Int), chunked
}

/// What is known of a request's head so far, and how far it was read: the positions count from its first byte.
///
/// `scan` judges line by line, and each line only when it is complete or too long, so that every slicing of the bytes comes
/// to the same judgement.
struct HTTPHead {
    // How far it was read.
    private var searched = 0
    private var lineStart = 0
    private var emptyLines = 0
    private var fieldCount = 0

    // What it says.
    private(set) var method = HTTPMethod.other
    private(set) var isVersion10 = false
    private(set) var methodRange = 0..<0
    private(set) var pathRange = 0..<0
    private(set) var queryRange: Range<Int>?
    private(set) var fieldsStart = 0
    private(set) var wantsContinue = false
    private(set) var asksForUpgrade = false
    private var contentLength: Int?
    private var chunked = false
    private var hosts = 0
    private var saysClose = false
    private var saysKeepAlive = false

    var framing: HTTPFraming { chunked ? .chunked : contentLength.map { .length($0) } ?? .none }
    var keepsAlive: Bool { !saysClose && (!isVersion10 || saysKeepAlive) }

    /// Reads on in the head's bytes, of which more may have come since; returns its length once it is complete.
    mutating func scan(_ bytes: UnsafeRawBufferPointer, _ limits: Limits) throws(HTTPRefusal) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        while true {
            let feed = memchr(base + searched, 10, bytes.count - searched).map { UnsafeRawPointer($0) - base }
            let end = feed.map { $0 + 1 } ?? bytes.count
            try checkLength(end, limits)
            guard let feed else {
                searched = bytes.count
                return nil
            }
            guard feed > lineStart, bytes[feed - 1] == 13 else { throw .bareLineFeed }
            let line = UnsafeRawBufferPointer(rebasing: bytes[lineStart..<(feed - 1)])
            let start = lineStart
            lineStart = end
            searched = end
            if fieldsStart == 0 {
                if line.isEmpty {
                    emptyLines += 1
                    guard emptyLines <= Limits.emptyLinesMax else { throw .emptyLines }
                } else {
                    try requestLine(line, at: start)
                    fieldsStart = end
                }
            } else if line.isEmpty {
                try complete()
                return end
            } else {
                fieldCount += 1
                guard fieldCount <= limits.headersMax else { throw .headersTooMany }
                try field(line)
            }
        }
    }

    private func checkLength(_ end: Int, _ limits: Limits) throws(HTTPRefusal) {
        if fieldsStart == 0 {
            guard end - lineStart <= limits.requestLineBytesMax else { throw .requestLineTooLong }
        } else {
            guard end - fieldsStart <= limits.headerBytesMax else { throw .headersTooLong }
        }
    }

    // MARK: The request line

    private mutating func requestLine(_ line: UnsafeRawBufferPointer, at start: Int) throws(HTTPRefusal) {
        guard let space = line.firstIndex(of: 32), space > 0,
            HTTPCharacters.all(UnsafeRawBufferPointer(rebasing: line[..<space]), are: HTTPCharacters.token)
        else { throw .requestLineMalformed }
        guard space <= Limits.methodBytesMax else { throw .methodTooLong }
        let rest = UnsafeRawBufferPointer(rebasing: line[(space + 1)...])
        guard let second = rest.firstIndex(of: 32), second > 0 else { throw .requestLineMalformed }
        let name = UnsafeRawBufferPointer(rebasing: line[..<space])
        method = HTTPMethod(name)
        methodRange = start..<(start + space)
        try version(UnsafeRawBufferPointer(rebasing: rest[(second + 1)...]))
        if method == .other, HTTPCharacters.equal(name, "connect") { throw .connectMethod }
        try target(UnsafeRawBufferPointer(rebasing: rest[..<second]), at: start + space + 1)
    }

    private mutating func version(_ text: UnsafeRawBufferPointer) throws(HTTPRefusal) {
        guard text.count == 8 else { throw .versionMalformed }
        let word = UInt64(littleEndian: text.loadUnaligned(as: UInt64.self))
        if word == 0x312E_312F_5054_5448 { return }  // "HTTP/1.1", the usual one.
        guard text.starts(with: "HTTP/".utf8), text[6] == 46, (48...57).contains(text[5]),
            (48...57).contains(text[7])
        else { throw .versionMalformed }
        guard text[5] == 49 else { throw .versionUnknown }
        // A later minor version is answered in the latest we speak (RFC 9110, 2.5).
        isVersion10 = text[7] == 48
    }

    private mutating func target(_ text: UnsafeRawBufferPointer, at start: Int) throws(HTTPRefusal) {
        if text.count == 1, text[0] == 42 {
            guard method == .options else { throw .targetMalformed }
            pathRange = start..<(start + 1)
            return
        }
        guard HTTPCharacters.all(text, are: HTTPCharacters.target) else { throw .targetMalformed }
        for index in text.indices where text[index] == 37 {
            guard index + 2 < text.count, HTTPCharacters.hexadecimal(text[index + 1]) != nil,
                HTTPCharacters.hexadecimal(text[index + 2]) != nil
            else { throw .targetMalformed }
        }
        var path = 0
        if text[0] != 47 {
            path = try authority(text)
        }
        let question = text[path...].firstIndex(of: 63)
        pathRange = (start + path)..<(start + (question ?? text.count))
        if let question { queryRange = (start + question + 1)..<(start + text.count) }
    }

    /// Where the path of an absolute target begins.
    private func authority(_ text: UnsafeRawBufferPointer) throws(HTTPRefusal) -> Int {
        for scheme: StaticString in ["http://", "https://"] {
            let length = scheme.utf8CodeUnitCount
            guard text.count > length,
                HTTPCharacters.equal(UnsafeRawBufferPointer(rebasing: text[..<length]), scheme)
            else { continue }
            let end = text[length...].firstIndex { $0 == 47 || $0 == 63 } ?? text.count
            let authority = UnsafeRawBufferPointer(rebasing: text[length..<end])
            guard authority.count > 0, Self.isHost(authority) else { throw .targetMalformed }
            return end
        }
        throw .targetMalformed
    }

    // MARK: Header lines

    private mutating func field(_ line: UnsafeRawBufferPointer) throws(HTTPRefusal) {
        let (name, value) = try Self.split(line)
        switch name.count {
        case 4 where HTTPCharacters.equal(name, "host"):
            hosts += 1
            guard hosts == 1 else { throw .hostRepeated }
            guard Self.isHost(value) else { throw .hostMalformed }
        case 6 where HTTPCharacters.equal(name, "expect"):
            guard HTTPCharacters.equal(value, "100-continue") else { throw .expectationUnknown }
            wantsContinue = !isVersion10
        case 7 where HTTPCharacters.equal(name, "upgrade"):
            HTTPCharacters.members(value) { member in
                if HTTPCharacters.equal(member, "websocket") { asksForUpgrade = !isVersion10 }
            }
        case 10 where HTTPCharacters.equal(name, "connection"):
            HTTPCharacters.members(value) { member in
                if HTTPCharacters.equal(member, "close") { saysClose = true }
                if HTTPCharacters.equal(member, "keep-alive") { saysKeepAlive = true }
            }
        case 14 where HTTPCharacters.equal(name, "content-length"):
            guard !chunked else { throw .lengthAndEncoding }
            guard contentLength == nil else { throw .contentLengthRepeated }
            contentLength = try Self.length(value)
        case 17 where HTTPCharacters.equal(name, "transfer-encoding"):
            guard contentLength == nil else { throw .lengthAndEncoding }
            guard !isVersion10 else { throw .encodingInOldVersion }
            guard !chunked else { throw .encodingMalformed }
            try Self.encoding(value)
            chunked = true
        default: break  // Says nothing about where the request ends.
        }
    }

    /// The two sides of a header line, both checked; the value without the spaces around it.
    static func split(
        _ line: UnsafeRawBufferPointer
    ) throws(HTTPRefusal) -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        guard line[0] != 32, line[0] != 9 else { throw .foldedHeader }
        guard let base = line.baseAddress, let colonAt = memchr(base, 58, line.count) else {
            throw .headerNameMalformed
        }
        let colon = UnsafeRawPointer(colonAt) - base
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        guard colon > 0, HTTPCharacters.all(name, are: HTTPCharacters.token) else { throw .headerNameMalformed }
        let value = HTTPCharacters.trimmed(UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]))
        guard HTTPCharacters.all(value, are: HTTPCharacters.value) else { throw .headerValueMalformed }
        return (name, value)
    }

    /// One number in plain digits (RFC 9112, 6.2).
    static func length(_ value: UnsafeRawBufferPointer) throws(HTTPRefusal) -> Int {
        guard value.count > 0, value.count <= 18 else { throw .contentLengthMalformed }
        var length = 0
        for byte in value {
            guard (48...57).contains(byte) else { throw .contentLengthMalformed }
            length = length * 10 + Int(byte) - 48
        }
        return length
    }

    /// `chunked` alone is understood; it must come last and once.
    private static func encoding(_ value: UnsafeRawBufferPointer) throws(HTTPRefusal) {
        if HTTPCharacters.equal(value, "chunked") { return }
        var codings = 0
        var chunks = 0
        var lastIsChunked = false
        var wellFormed = true
        HTTPCharacters.members(value) { member in
            codings += 1
            lastIsChunked = HTTPCharacters.equal(member, "chunked")
            chunks += lastIsChunked ? 1 : 0
            wellFormed = wellFormed && HTTPCharacters.all(member, are: HTTPCharacters.token)
        }
        guard wellFormed, lastIsChunked, chunks == 1, codings > 1 else { throw .encodingMalformed }
        throw .encodingUnknown
    }

    /// `name`, `name:port`, `[v6]:port`, or nothing.
    private static func isHost(_ value: UnsafeRawBufferPointer) -> Bool {
        guard value.count > 0 else { return true }
        guard HTTPCharacters.all(value, are: HTTPCharacters.host) else { return false }
        var port = value.count
        if value[0] == 91 {
            guard let bracket = value.firstIndex(of: 93), bracket > 2 else { return false }
            guard value[1..<bracket].allSatisfy({ HTTPCharacters.hexadecimal($0) != nil || $0 == 58 || $0 == 46 })
            else { return false }
            port = bracket + 1
            guard port == value.count || value[port] == 58 else { return false }
        } else {
            port = value.firstIndex(of: 58) ?? value.count
            guard port > 0, value[..<port].allSatisfy({ $0 != 91 && $0 != 93 }) else { return false }
        }
        return port == value.count || value[(port + 1)...].allSatisfy { (48...57).contains($0) }
    }

    private func complete() throws(HTTPRefusal) {
        guard hosts == 1 || isVersion10 else { throw .hostMissing }
    }
}
