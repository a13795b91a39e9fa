/// One piece of Swift source, as the rules look at it.
struct Token: Equatable {
    enum Kind: Equatable {
        case word
        case number
        /// A literal, or the whole of a regular expression; `text` is what stands between the quotes, without
        /// interpolations, whose own tokens follow between parentheses.
        case string
        /// Line or block comment with its slashes.
        case comment
        /// A bracket, a comma, a colon, an operator: whatever is none of the above.
        case symbol
    }

    let kind: Kind
    var text: String
    /// The line it begins on, from 1.
    let line: Int
    /// The line it ends on: later than `line` for block comments and multi-line strings only.
    var lastLine: Int
    /// Nothing, not even a space, stands between it and the token before.
    let isTight: Bool

    func isWord(_ word: String) -> Bool { kind == .word && text == word }

    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
}
