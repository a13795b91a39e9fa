/// Words that must not be there, and one that must.
enum WordRules {
    static func publicWord(in file: SwiftFile) -> [Finding] {
        let declared = ["class", "func", "var", "subscript"]
        return file.indexes { $0.isWord("public") || $0.isWord("open") }.compactMap { index in
            if file.isSymbol(".", at: index - 1) || file.isSymbol(":", at: index + 1) { return nil }
            if file.code[index].text == "open" {
                guard let next = file.token(index + 1), declared.contains(next.text) else { return nil }
            }
            return file.finding(index, "`\(file.code[index].text)`: use `package`; nothing here is for other packages")
        }
    }

    static func leftover(in file: SwiftFile) -> [Finding] {
        let marks = ["TODO", "FIXME", "XXX", "HACK"]
        let notes = file.comments.flatMap { comment in
            comment.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
                offset, line in
                let words = line.split { !$0.isLetter }
                guard let mark = marks.first(where: { words.contains($0[...]) }) else { return Finding?.none }
                return Finding(
                    path: file.path, line: comment.line + offset, message: "\(mark): do it, or open an issue")
            }
        }
        let traps = file.indexes { $0.isWord("fatalError") }.map { index in
            file.finding(index, "fatalError: throw, or state the broken contract with `precondition`")
        }
        return notes + traps
    }

    /// `@Test("A sentence")` and not a bare function name.
    static func testTitle(in file: SwiftFile) -> [Finding] {
        guard file.isTest else { return [] }
        return file.indexes { $0.isWord("Test") }.compactMap { index in
            guard file.isSymbol("@", at: index - 1) else { return nil }
            if file.isSymbol("(", at: index + 1), let title = file.token(index + 2), title.kind == .string,
                title.text.contains(" ")
            {
                return nil
            }
            return file.finding(index, "the title of a test is a sentence: @Test(\"A declined offer …\")")
        }
    }

    static func fileName(in file: SwiftFile) -> [Finding] {
        let name = file.path.split(separator: "/").last.map(String.init) ?? ""
        return ["Util", "Helper", "Common", "Manager", "Misc"].filter { name.contains($0) }.map {
            Finding(path: file.path, line: 1, message: "\($0): name the one noun the file is about")
        }
    }
}
