/// A Swift file cut into tokens, with its brackets paired.
struct SwiftFile {
    let path: String
    let lines: [Substring]
    let comments: [Token]
    /// Everything but comments.
    let code: [Token]
    /// For each token of `code`, the index of the bracket it stands directly in; -1 at the top.
    private let parents: [Int]
    /// For each opening bracket of `code`, the index of its closing one; the end of the file when there is none.
    private let closings: [Int: Int]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let tokens = Lexer.tokens(of: text)
        comments = tokens.filter { $0.kind == .comment }
        code = tokens.filter { $0.kind != .comment }
        var open: [Int] = []
        var parents: [Int] = []
        var closings: [Int: Int] = [:]
        for (index, token) in code.enumerated() {
            let closes = token.kind == .symbol && [")", "]", "}"].contains(token.text)
            if closes, let opening = open.popLast() { closings[opening] = index }
            parents.append(open.last ?? -1)
            if token.kind == .symbol, ["(", "[", "{"].contains(token.text) { open.append(index) }
        }
        for opening in open { closings[opening] = code.count - 1 }
        self.parents = parents
        self.closings = closings
    }

    /// The room it is in, or nil outside of rooms (tests, the manifest).
    var room: Room? { Room.all.first { path.hasPrefix($0.folder + "/") } }

    var isTest: Bool { path.hasPrefix("Tests/") }

    func token(_ index: Int) -> Token? { code.indices.contains(index) ? code[index] : nil }

    func parent(of index: Int) -> Int { parents[index] }

    func closing(of index: Int) -> Int { closings[index] ?? code.count - 1 }

    /// The bracket that `index` stands directly in: `(`, `[`, `{`, or nil at the top.
    func enclosure(of index: Int) -> String? { token(parents[index])?.text }

    /// The indexes of the tokens that satisfy a condition.
    func indexes(where condition: (Token) -> Bool) -> [Int] { code.indices.filter { condition(code[$0]) } }

    func isSymbol(_ symbol: String, at index: Int) -> Bool { token(index)?.isSymbol(symbol) == true }

    /// A name that stands alone or behind a module (`Glibc.socket`), not a member of something of our own.
    func isFree(at index: Int) -> Bool {
        guard isSymbol(".", at: index - 1) else { return token(index - 1)?.isWord("func") != true }
        return token(index - 2).map { ["Glibc", "Foundation", "Swift"].contains($0.text) } ?? false
    }

    func finding(_ index: Int, _ message: String) -> Finding {
        Finding(path: path, line: code[index].line, message: message)
    }
}
