/// Cuts Swift source into tokens, so that no rule is fooled by what stands in a comment or a string.
///
/// It knows nested block comments, strings with any number of `#`, multi-line strings, interpolations (whose code is
/// cut like any other code) and regular expressions. It never fails: source that does not compile gives tokens too.
struct Lexer {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var tokens: [Token] = []

    static func tokens(of text: String) -> [Token] {
        var lexer = Lexer(bytes: Array(text.utf8))
        lexer.scan(insideInterpolation: false)
        return lexer.tokens
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Scans to the end, or to the parenthesis that ends the interpolation, which it leaves to the caller.
    private mutating func scan(insideInterpolation: Bool) {
        var depth = 0
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\n"):
                line += 1
                position += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                position += 1
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
                scanLineComment()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
                scanBlockComment()
            case UInt8(ascii: "/") where regularExpressionEnd() != nil:
                scanRegularExpression()
            case UInt8(ascii: "\""):
                scanString(pounds: 0)
            case UInt8(ascii: "#"):
                scanPound()
            case UInt8(ascii: "`"):
                scanQuotedWord()
            case UInt8(ascii: "("):
                depth += 1
                emit(.symbol, length: 1)
            case UInt8(ascii: ")"):
                if insideInterpolation && depth == 0 { return }
                depth -= 1
                emit(.symbol, length: 1)
            default:
                scanPlain(byte)
            }
        }
    }

    private mutating func scanPlain(_ byte: UInt8) {
        if Self.isDigit(byte) {
            emit(.number, length: numberLength())
        } else if Self.isWordByte(byte) {
            emit(.word, length: run(while: Self.isWordByte))
        } else if byte == UInt8(ascii: ".") {
            emit(.symbol, length: peek(1) == byte ? run(while: Self.isDottedOperator) : 1)
        } else if Self.isOperator(byte) {
            emit(.symbol, length: operatorLength(byte))
        } else {
            emit(.symbol, length: 1)
        }
    }

    // MARK: Comments

    private mutating func scanLineComment() {
        emit(.comment, length: run { $0 != UInt8(ascii: "\n") })
    }

    private mutating func scanBlockComment() {
        var depth = 0
        var end = position
        var lines = 0
        repeat {
            if bytes[end] == UInt8(ascii: "/"), byte(at: end + 1) == UInt8(ascii: "*") {
                depth += 1
                end += 2
            } else if bytes[end] == UInt8(ascii: "*"), byte(at: end + 1) == UInt8(ascii: "/") {
                depth -= 1
                end += 2
            } else {
                if bytes[end] == UInt8(ascii: "\n") { lines += 1 }
                end += 1
            }
        } while depth > 0 && end < bytes.count
        emit(.comment, length: end - position)
        line += lines
        tokens[tokens.count - 1].lastLine = line
    }

    // MARK: Strings and regular expressions

    private mutating func scanPound() {
        let pounds = run { $0 == UInt8(ascii: "#") }
        switch peek(pounds) {
        case UInt8(ascii: "\""):
            scanString(pounds: pounds)
        case UInt8(ascii: "/"):
            scanExtendedRegularExpression(pounds: pounds)
        default:
            emit(.symbol, length: 1)
        }
    }

    private mutating func scanString(pounds: Int) {
        let index = tokens.count
        let isTight = isTightHere
        let first = line
        position += pounds
        let isMultiline = peek(1) == UInt8(ascii: "\"") && peek(2) == UInt8(ascii: "\"")
        let quotes = isMultiline ? 3 : 1
        position += quotes
        tokens.append(Token(kind: .string, text: "", line: first, lastLine: first, isTight: isTight))
        var content: [UInt8] = []
        while let byte = peek() {
            if closesString(quotes: quotes, pounds: pounds) {
                position += quotes + pounds
                break
            }
            if byte == UInt8(ascii: "\n") {
                if !isMultiline { break }
                line += 1
            }
            if byte == UInt8(ascii: "\\"), hasPounds(pounds, at: position + 1) {
                scanEscape(pounds: pounds)
                continue
            }
            content.append(byte)
            position += 1
        }
        tokens[index].text = String(decoding: content, as: UTF8.self)
        tokens[index].lastLine = line
    }

    private mutating func scanEscape(pounds: Int) {
        position += 1 + pounds
        guard peek() == UInt8(ascii: "(") else {
            if peek() == UInt8(ascii: "\n") { line += 1 }
            position += 1
            return
        }
        emit(.symbol, length: 1)
        scan(insideInterpolation: true)
        if peek() != nil { emit(.symbol, length: 1) }
    }

    private func closesString(quotes: Int, pounds: Int) -> Bool {
        for offset in 0..<quotes where peek(offset) != UInt8(ascii: "\"") { return false }
        return hasPounds(pounds, at: position + quotes)
    }

    private func hasPounds(_ count: Int, at start: Int) -> Bool {
        for offset in 0..<count where byte(at: start + offset) != UInt8(ascii: "#") { return false }
        return true
    }

    private mutating func scanExtendedRegularExpression(pounds: Int) {
        var end = position + pounds + 1
        var lines = 0
        while end < bytes.count, !(bytes[end] == UInt8(ascii: "/") && hasPounds(pounds, at: end + 1)) {
            if bytes[end] == UInt8(ascii: "\n") { lines += 1 }
            end += 1
        }
        emit(.string, length: min(end + 1 + pounds, bytes.count) - position)
        line += lines
        tokens[tokens.count - 1].lastLine = line
    }

    private mutating func scanRegularExpression() {
        if let end = regularExpressionEnd() { emit(.string, length: end - position) }
    }

    /// Where the expression that begins here ends, or nil when the slash here is an operator.
    private func regularExpressionEnd() -> Int? {
        if let before = tokens.last(where: { $0.kind != .comment }) {
            let opensValue = before.kind == .symbol && ![")", "]", "}", "!", "?", "."].contains(before.text)
            let keyword =
                before.kind == .word && ["return", "case", "in", "if", "guard", "while"].contains(before.text)
            guard opensValue || keyword else { return nil }
        }
        var end = position + 1
        guard let first = byte(at: end), first != UInt8(ascii: " "), first != UInt8(ascii: "\n") else { return nil }
        while let byte = byte(at: end), byte != UInt8(ascii: "\n") {
            if byte == UInt8(ascii: "/") { return end + 1 }
            end += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }

    // MARK: Words and operators

    private mutating func scanQuotedWord() {
        var length = 1
        while let byte = peek(length), byte != UInt8(ascii: "`"), byte != UInt8(ascii: "\n") { length += 1 }
        emit(.word, length: min(length + 1, bytes.count - position))
    }

    private func numberLength() -> Int {
        var length = 0
        while let byte = peek(length) {
            let isFraction = byte == UInt8(ascii: ".") && peek(length + 1).map(Self.isDigit) == true
            guard Self.isWordByte(byte) || isFraction else { break }
            length += 1
        }
        return length
    }

    /// A mark directly after an operand is a token of its own (`value!`, `value?`); all else runs on to the end.
    private func operatorLength(_ first: UInt8) -> Int {
        let isMark = first == UInt8(ascii: "!") || first == UInt8(ascii: "?")
        if isMark, followsOperand, peek(1) != UInt8(ascii: "=") { return 1 }
        var length = 1
        while let byte = peek(length), Self.isOperator(byte) {
            if byte == UInt8(ascii: "/"), [UInt8(ascii: "/"), UInt8(ascii: "*")].contains(peek(length + 1)) { break }
            if first == UInt8(ascii: ">"), byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?") { break }
            length += 1
        }
        return length
    }

    private var followsOperand: Bool {
        guard position > 0 else { return false }
        let before = bytes[position - 1]
        return Self.isWordByte(before) || ")]}\"`?!>".utf8.contains(before)
    }

    // MARK: Bytes

    private mutating func emit(_ kind: Token.Kind, length: Int) {
        let text = String(decoding: bytes[position..<(position + length)], as: UTF8.self)
        tokens.append(Token(kind: kind, text: text, line: line, lastLine: line, isTight: isTightHere))
        position += length
    }

    private var isTightHere: Bool {
        position > 0 && !" \t\r\n".utf8.contains(bytes[position - 1])
    }

    private func run(while condition: (UInt8) -> Bool) -> Int {
        var length = 0
        while let byte = peek(length), condition(byte) { length += 1 }
        return length
    }

    private func peek(_ offset: Int = 0) -> UInt8? { byte(at: position + offset) }

    private func byte(at index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || isDigit(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 0x80
    }

    private static func isDottedOperator(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ".") || isOperator(byte) }

    private static func isOperator(_ byte: UInt8) -> Bool { "/=-+!*%<>&|^~?".utf8.contains(byte) }
}
