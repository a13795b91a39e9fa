/// `Package.swift` and the table of rooms say the same.
enum ManifestRules {
    static func packageDependency(in checkout: Checkout) -> [Finding] {
        checkout.swiftFiles.filter { $0.path == "Package.swift" }.flatMap { file in
            file.indexes { $0.isWord("package") }.compactMap { index in
                guard file.isSymbol(".", at: index - 1), file.isSymbol("(", at: index + 1) else { return nil }
                return file.finding(index, "a package dependency: the toolchain, SQLite and OpenSSL are all there is")
            }
        }
    }

    static func roomsAsDeclared(in checkout: Checkout) -> [Finding] {
        guard let file = checkout.swiftFiles.first(where: { $0.path == "Package.swift" }) else {
            return [Finding(path: "Package.swift", line: 1, message: "there is no manifest")]
        }
        let declared = targets(of: file)
        var findings: [Finding] = []
        for room in Room.all {
            guard let target = declared[room.name] else {
                findings.append(Finding(path: file.path, line: 1, message: "\(room.name) is not declared"))
                continue
            }
            guard let imports = room.imports, Set(imports) != Set(target.dependencies) else { continue }
            let difference = Set(imports).symmetricDifference(target.dependencies).sorted().joined(separator: ", ")
            findings.append(
                file.finding(target.index, "\(room.name) differs from the table of rooms in: \(difference)"))
        }
        let known = Set(Room.all.map(\.name) + Room.foreign)
        for name in declared.keys.sorted() where !known.contains(name) {
            findings.append(Finding(path: file.path, line: 1, message: "\(name) is not in the table of rooms"))
        }
        for path in checkout.files.map(\.path) where path.hasPrefix("Sources/") {
            let folder = path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
            guard !known.contains(folder) else { continue }
            findings.append(Finding(path: path, line: 1, message: "\(folder) is not in the table of rooms"))
        }
        return findings
    }

    private struct Target {
        let index: Int
        let dependencies: [String]
    }

    /// The targets that are no tests: `room("A", ["B"])`, `.target(name: "A", dependencies: ["B"])` and the like.
    private static func targets(of file: SwiftFile) -> [String: Target] {
        let calls = ["room", "program", "target", "executableTarget", "systemLibrary"]
        var targets: [String: Target] = [:]
        for call in file.indexes(where: { calls.contains($0.text) && $0.kind == .word }) {
            let open = call + 1
            guard file.isSymbol("(", at: open), file.token(call - 1)?.isWord("func") != true else { continue }
            let inside = (open + 1)..<file.closing(of: open)
            guard let name = inside.first(where: { file.code[$0].kind == .string && file.parent(of: $0) == open })
            else {
                continue
            }
            let list = inside.first { index in
                guard file.code[index].isSymbol("["), file.parent(of: index) == open else { return false }
                return !file.isSymbol(":", at: index - 1) || file.token(index - 2)?.isWord("dependencies") == true
            }
            let dependencies = list.map { list in
                (list..<file.closing(of: list)).filter { file.code[$0].kind == .string }.map { file.code[$0].text }
            }
            targets[file.code[name].text] = Target(index: call, dependencies: dependencies ?? [])
        }
        return targets
    }
}
