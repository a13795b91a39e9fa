/// What the compiler is told not to check carries its reason: a `// Safe:` comment directly above.
enum ExemptionRules {
    static func exemption(in file: SwiftFile) -> [Finding] {
        let exempted = file.code.indices.compactMap { index in name(of: index, in: file).map { (index, $0) } }
        guard !exempted.isEmpty else { return [] }
        let covered = coveredLines(of: file, exempted: Set(exempted.map { file.code[$0.0].line }))
        return exempted.filter { !covered.contains(file.code[$0.0].line) }.map { index, name in
            file.finding(index, "\(name) without a `// Safe:` line above it")
        }
    }

    private static func name(of index: Int, in file: SwiftFile) -> String? {
        let token = file.code[index]
        if token.isWord("unchecked"), file.isSymbol("@", at: index - 1) { return "@unchecked" }
        if token.isWord("unsafeBitCast") { return "unsafeBitCast" }
        if token.isWord("unsafe"), file.isSymbol("(", at: index - 1), let before = file.token(index - 2),
            ["nonisolated", "unowned"].contains(before.text)
        {
            return "\(before.text)(unsafe)"
        }
        guard token.isSymbol("!"), token.isTight, let before = file.token(index - 1) else { return nil }
        if before.isWord("try") || before.isWord("as") { return "\(before.text)!" }
        let isOperand = before.kind != .symbol || [")", "]", "}", "?", ">", "!"].contains(before.text)
        return isOperand ? "force unwrap" : nil
    }

    /// One comment covers the statement below it and those that follow without a gap, as long as each carries an
    /// exemption of its own. Above a type it covers the head of the declaration only, not what is inside.
    private static func coveredLines(of file: SwiftFile, exempted: Set<Int>) -> Set<Int> {
        let commentLines = Set(file.comments.flatMap { Array($0.line...$0.lastLine) })
        let codeLines = Set(file.code.flatMap { [$0.line, $0.lastLine] })
        var covered: Set<Int> = []
        for comment in file.comments where isReason(comment) && !codeLines.contains(comment.line) {
            var line = comment.lastLine + 1
            while commentLines.contains(line), !codeLines.contains(line) { line += 1 }
            if let head = headOfType(from: line, in: file) {
                covered.formUnion(line...head)
                continue
            }
            let indentation = indentation(of: line, in: file)
            while let statement = statement(from: line, indentation: indentation, in: file) {
                guard statement.contains(where: exempted.contains) else { break }
                covered.formUnion(statement)
                line = statement.upperBound
            }
        }
        return covered
    }

    /// The lines of the statement that begins on `line`: those deeper indented belong to it, and those that only
    /// close what it opened. Nil when the line is blank or not at this indentation.
    private static func statement(from line: Int, indentation: Int, in file: SwiftFile) -> Range<Int>? {
        guard !isBlank(line, in: file), Self.indentation(of: line, in: file) == indentation else { return nil }
        var end = line + 1
        while !isBlank(end, in: file) {
            let depth = Self.indentation(of: end, in: file)
            guard depth > indentation || (depth == indentation && isTail(end, in: file)) else { break }
            end += 1
        }
        return line..<end
    }

    private static func isBlank(_ line: Int, in file: SwiftFile) -> Bool {
        line > file.lines.count || file.lines[line - 1].allSatisfy(\.isWhitespace)
    }

    private static func isReason(_ comment: Token) -> Bool {
        comment.text.split(separator: "\n").contains { line in
            line.drop { "/* ".contains($0) }.hasPrefix("Safe:")
        }
    }

    /// The line of the `{` when the code from `line` on declares a type, attributes and modifiers aside.
    private static func headOfType(from line: Int, in file: SwiftFile) -> Int? {
        guard let first = file.code.firstIndex(where: { $0.line >= line }) else { return nil }
        for index in first..<file.code.count {
            let token = file.code[index]
            if ["class", "struct", "enum", "actor", "extension", "protocol"].contains(token.text), token.kind == .word {
                guard file.token(index + 1)?.kind == .word else { return nil }
                return file.code[index...].first { $0.isSymbol("{") }?.line
            }
            if token.isSymbol("{") || token.isSymbol("=") || ["func", "let", "var", "case"].contains(token.text) {
                return nil
            }
        }
        return nil
    }

    /// A line that only closes what was opened above: `)`, `} else {`.
    private static func isTail(_ line: Int, in file: SwiftFile) -> Bool {
        file.lines[line - 1].first { !$0.isWhitespace }.map { ")]}".contains($0) } ?? false
    }

    private static func indentation(of line: Int, in file: SwiftFile) -> Int {
        guard line <= file.lines.count else { return 0 }
        return file.lines[line - 1].prefix { $0 == " " }.count
    }
}
