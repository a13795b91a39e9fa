/// Small enough to see. STYLE says about 400 lines a file and 70 a function; the machine refuses what is clearly more.
enum SizeRules {
    static let fileLengthMax = 450
    static let functionLengthMax = 80

    static func fileLength(in file: SwiftFile) -> [Finding] {
        let count = file.lines.last?.isEmpty == true ? file.lines.count - 1 : file.lines.count
        guard count > fileLengthMax else { return [] }
        return [Finding(path: file.path, line: count, message: "\(count) lines; at most \(fileLengthMax)")]
    }

    static func functionLength(in file: SwiftFile) -> [Finding] {
        file.indexes { ["func", "init", "deinit", "subscript", "var"].contains($0.text) && $0.kind == .word }
            .compactMap { index in
                guard !file.isSymbol(".", at: index - 1), let body = body(of: index, in: file) else { return nil }
                let count = file.code[file.closing(of: body)].line - file.code[index].line + 1
                guard count > functionLengthMax else { return nil }
                let name = file.token(index + 1).map { $0.kind == .word ? $0.text : file.code[index].text } ?? ""
                return file.finding(index, "\(name) has \(count) lines; at most \(functionLengthMax)")
            }
    }

    /// The brace that opens the body of what is declared at `index`; nil for what has none (a requirement of a
    /// protocol, a stored property).
    private static func body(of index: Int, in file: SwiftFile) -> Int? {
        let isVariable = file.code[index].text == "var"
        let declarations: Set<String> = [
            "func", "init", "deinit", "subscript", "var", "let", "case", "struct", "enum", "class", "actor",
            "extension",
            "protocol", "typealias", "associatedtype",
        ]
        var next = index + 1
        while let token = file.token(next) {
            defer { next += 1 }
            guard file.parent(of: next) == file.parent(of: index) else {
                if token.isSymbol("}"), file.closing(of: file.parent(of: index)) == next { return nil }
                continue
            }
            if token.isSymbol("{") { return next }
            if isVariable, token.isSymbol("=") { return nil }
            if token.kind == .word, declarations.contains(token.text) { return nil }
        }
        return nil
    }
}
