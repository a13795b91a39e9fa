import Foundation

/// What is written for people: design pages, links, and no trace of the machine it was written on.
enum DocumentRules {
    /// Every target with more than one source file explains itself on a page with numbered steps.
    static func designPage(in checkout: Checkout) -> [Finding] {
        Room.all.flatMap { room in
            let sources = checkout.files.filter { $0.path.hasPrefix(room.folder + "/") && $0.path.hasSuffix(".swift") }
            guard sources.count > 1 else { return [Finding]() }
            let path = room.folder + "/DESIGN.md"
            guard let text = checkout.text(of: path) else {
                return [Finding(path: path, line: 1, message: "\(room.name) has no DESIGN.md")]
            }
            let lines = text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }
            if lines.count < 10 || !lines.contains(where: { $0.hasPrefix("1. ") }) {
                return [
                    Finding(path: path, line: 1, message: "a page has a purpose, words, numbered steps and decisions")
                ]
            }
            return []
        }
    }

    /// Relative links lead to a file or folder that is there.
    static func link(in checkout: Checkout) -> [Finding] {
        checkout.files.filter { $0.path.hasSuffix(".md") }.flatMap { file in
            targets(of: file.text).compactMap { line, target in
                guard let path = resolve(target, from: file.path), !checkout.contains(path) else { return nil }
                return Finding(path: file.path, line: line, message: "the link to \(target) leads nowhere")
            }
        }
    }

    /// The targets of links and images, with their lines, outside of code.
    private static func targets(of text: String) -> [(Int, String)] {
        let inline = /\]\(\s*<?([^)\s>]+)/
        let reference = /^\s{0,3}\[[^\]]+\]:\s*<?([^\s>]+)/
        let code = /`[^`]*`/
        var isFenced = false
        var targets: [(Int, String)] = []
        for (offset, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isFenced.toggle()
                continue
            }
            if isFenced { continue }
            let plain = line.replacing(code, with: "")
            targets += plain.matches(of: inline).map { (offset + 1, String($0.1)) }
            targets += plain.matches(of: reference).map { (offset + 1, String($0.1)) }
        }
        return targets
    }

    /// The path in the repository a link means; nil for other sites and for places on the same page.
    private static func resolve(_ target: String, from path: String) -> String? {
        let page = target.prefix { $0 != "#" }
        if page.isEmpty || page.contains(":") { return nil }
        var parts = page.hasPrefix("/") ? [] : path.split(separator: "/").dropLast().map(String.init)
        for part in page.split(separator: "/") {
            switch part {
            case ".": continue
            case "..":
                if parts.isEmpty { return "outside of the repository: \(target)" }
                parts.removeLast()
            default: parts.append(String(part.removingPercentEncoding ?? String(part)))
            }
        }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    /// Absolute paths that exist where the code was written and nowhere else.
    static func machinePath(in checkout: Checkout) -> [Finding] {
        let homes = ["work", "root", "tmp/bash_jobs"].map { "/\($0)" }
        return checkout.files.flatMap { file in
            guard homes.contains(where: { file.text.contains($0) }) else { return [Finding]() }
            return file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap {
                offset, line in
                homes.filter { isPath($0, in: line) }.map {
                    Finding(path: file.path, line: offset + 1, message: "\($0) is a path of one machine")
                }
            }
        }
    }

    /// Whether `home` begins an absolute path in `line`: nothing of a longer path before it, and it is not the
    /// beginning of a longer name.
    private static func isPath(_ home: String, in line: Substring) -> Bool {
        line.ranges(of: home).contains { range in
            let before = range.lowerBound == line.startIndex ? " " : line[line.index(before: range.lowerBound)]
            let after = range.upperBound == line.endIndex ? " " : line[range.upperBound]
            let continues = after.isLetter || after.isNumber || "_-.".contains(after)
            return !(before.isLetter || before.isNumber || "_-.}~)/".contains(before)) && !continues
        }
    }
}
