import Testing

@Suite("The lexer")
struct LexerTests {
    private func words(_ text: String) -> [String] {
        Lexer.tokens(of: text).filter { $0.kind == .word }.map(\.text)
    }

    private func symbols(_ text: String) -> [String] {
        Lexer.tokens(of: text).filter { $0.kind == .symbol }.map(\.text)
    }

    @Test("Comments hide what is in them, nested ones too")
    func comments() {
        #expect(words("a /* b /* c */ d */ e // f") == ["a", "e"])
        #expect(Lexer.tokens(of: "/* 1\n 2 */ x").last?.line == 2)
    }

    @Test("Strings hide what is in them, whatever their quotes")
    func strings() {
        #expect(words(##"a = "b \" c"; d"##) == ["a", "d"])
        #expect(words(###"a = #"b " \(c)"#; d"###) == ["a", "d"])
        #expect(words("a = \"\"\"\n b \" c\n \"\"\"\nd") == ["a", "d"])
        #expect(Lexer.tokens(of: "\"\"\"\n b\n \"\"\"\nd").last?.line == 4)
    }

    @Test("The code of an interpolation is code")
    func interpolations() {
        #expect(words(##"a = "b \(c + f("x \(d) y")) e"; g"##) == ["a", "c", "f", "d", "g"])
        #expect(words(###"a = #"b \#(c) \(d)"#; e"###) == ["a", "c", "e"])
    }

    @Test("A regular expression hides what is in it, and a division is none")
    func regularExpressions() {
        #expect(words("a = /b\"c/; d") == ["a", "d"])
        #expect(words("a = #/b/c/#; d") == ["a", "d"])
        #expect(words("a = b / c; d = e / f") == ["a", "b", "c", "d", "e", "f"])
    }

    @Test("A mark after an operand is a token of its own")
    func marks() {
        #expect(symbols("a!.b") == ["!", "."])
        #expect(symbols("a != b") == ["!="])
        #expect(symbols("!a ?? b") == ["!", "??"])
        #expect(symbols("a?.b!!") == ["?", ".", "!", "!"])
        #expect(symbols("A<B>!") == ["<", ">", "!"])
        #expect(symbols("0..<9") == ["..<"])
    }

    @Test("A quoted word is not the keyword it looks like")
    func quotedWords() {
        #expect(words("case `default`: a") == ["case", "`default`", "a"])
    }

    @Test(
        "Source that does not end is cut all the same",
        arguments: ["\"", "\"\"\"a", "/* a", "\"\\(a", "#\"", "`a", "#/a"])
    func unterminated(_ text: String) {
        #expect(Lexer.tokens(of: text).isEmpty == false)
    }
}
