/// Where the next page begins, as opaque text: the key of the last line, its parts joined by dots.
///
/// A client that makes one up gets at most another page of what it may see anyway.
enum Cursor {
    static func text(_ parts: String...) -> String { "p1." + parts.joined(separator: ".") }

    static func parse(_ text: String) -> [String]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.first == "p1", parts.count > 1 else { return nil }
        return Array(parts.dropFirst())
    }
}
