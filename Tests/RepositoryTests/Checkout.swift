import Foundation

/// A file as the rules see it.
struct TextFile {
    let path: String
    let text: String
}

/// The files of the repository, by paths relative to its root. Rules look at values, so that they can be tried on
/// files that exist only in a test.
struct Checkout {
    let files: [TextFile]
    let swiftFiles: [SwiftFile]

    init(files: [TextFile]) {
        self.files = files
        swiftFiles = files.filter { $0.path.hasSuffix(".swift") }.map { SwiftFile(path: $0.path, text: $0.text) }
    }

    /// What lies on the disk around this very file, without what is built or run there.
    static let here = Checkout(files: load())

    func text(of path: String) -> String? { files.first { $0.path == path }?.text }

    /// Whether a path names a file or a folder.
    func contains(_ path: String) -> Bool {
        files.contains { $0.path == path || $0.path.hasPrefix(path + "/") }
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func load() -> [TextFile] {
        let manager = FileManager.default
        var files: [TextFile] = []
        var folders = [""]
        while let folder = folders.popLast() {
            let names = (try? manager.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
            for name in names where name != ".git" {
                let path = folder.isEmpty ? name : "\(folder)/\(name)"
                let url = root.appending(path: path)
                var isFolder: ObjCBool = false
                guard manager.fileExists(atPath: url.path, isDirectory: &isFolder) else { continue }
                if isFolder.boolValue {
                    if isOurs(folder: path) { folders.append(path) }
                } else if let data = try? Data(contentsOf: url), let text = String(data: data, encoding: .utf8) {
                    files.append(TextFile(path: path, text: text))
                }
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    /// Hidden folders are of tools, `.ci` apart; a running cluster keeps its files in `Cluster/run`.
    private static func isOurs(folder path: String) -> Bool {
        if path == "Cluster/run" || path.hasSuffix("__pycache__") { return false }
        let name = path.split(separator: "/").last ?? ""
        return !name.hasPrefix(".") || path == ".ci"
    }
}
