/// A machine answers every pair of state and command by name.
enum SwitchRules {
    /// `default:` and its disguises (`case _:`, `case (_, _):`) where machines live, wherever a case of the same switch names
    /// a case of an enum. A switch over numbers or text cannot do without and is left alone.
    static func defaultCase(in file: SwiftFile) -> [Finding] {
        guard ["TandemCore", "TandemConsensus"].contains(file.room?.name) else { return [] }
        var arms: [Int: [Int]] = [:]
        for index in file.indexes(where: { $0.isWord("case") || $0.isWord("default") }) {
            guard file.enclosure(of: index) == "{", !file.isSymbol(".", at: index - 1) else { continue }
            arms[file.parent(of: index), default: []].append(index)
        }
        return arms.values.flatMap { arms in
            arms.contains { namesEnumCase($0, in: file) } ? arms.filter { takesAll($0, in: file) } : []
        }.sorted().map { file.finding($0, "a machine lists every case, with the reason where one cannot happen") }
    }

    /// The tokens between `case` and its colon.
    private static func pattern(of arm: Int, in file: SwiftFile) -> [Int] {
        var indexes: [Int] = []
        var index = arm + 1
        while let token = file.token(index) {
            if token.isSymbol(":"), file.parent(of: index) == file.parent(of: arm) { return indexes }
            if token.isSymbol("{") || token.isSymbol("}") { return [] }
            indexes.append(index)
            index += 1
        }
        return []
    }

    private static func namesEnumCase(_ arm: Int, in file: SwiftFile) -> Bool {
        pattern(of: arm, in: file).contains { index in
            guard file.isSymbol(".", at: index), let before = file.token(index - 1) else { return false }
            return ["case", "let", "var"].contains(before.text) || before.isSymbol("(") || before.isSymbol(",")
        }
    }

    private static func takesAll(_ arm: Int, in file: SwiftFile) -> Bool {
        if file.code[arm].isWord("default") { return file.isSymbol(":", at: arm + 1) }
        let pattern = pattern(of: arm, in: file)
        return !pattern.isEmpty && pattern.allSatisfy { ["_", "(", ")", ","].contains(file.code[$0].text) }
    }
}
