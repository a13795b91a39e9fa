/// Imports point down only, along the table of rooms.
enum ImportRules {
    static func imports(in file: SwiftFile) -> [Finding] {
        guard let room = file.room else { return [] }
        return imported(by: file).compactMap { index, module in
            if room.toolchain.contains(module) { return nil }
            if Room.foreign.contains(module) || Room.all.contains(where: { $0.name == module }) {
                guard let allowed = room.imports else { return nil }
                return allowed.contains(module)
                    ? nil
                    : file.finding(index, "\(room.name) must not import \(module): the table of rooms has no such way")
            }
            return file.finding(index, "\(room.name) must not import \(module)")
        }
    }

    /// Every imported module with the index of its `import`; `import struct Foundation.Date` imports Foundation.
    private static func imported(by file: SwiftFile) -> [(Int, String)] {
        file.indexes { $0.isWord("import") }.compactMap { index in
            guard let next = file.token(index + 1), next.kind == .word else { return nil }
            let kinds = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
            let name = kinds.contains(next.text) ? file.token(index + 2) : next
            return name.map { (index, $0.text) }
        }
    }
}
