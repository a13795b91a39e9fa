internal import Foundation

// Folders of files as one text: those of SQLite are mostly zeros, and of a text one sees what has changed.
//
// ```
// file journal/journal-000001.sqlite 61440
// 0 53514c69746520666f726d61742033
// 4096 0d0000000a
// ```
// A line is an offset and bytes from there on; between the lines there are zeros.
extension KeptForms {
    /// Zeros in a row that are worth a new line.
    private static let gap = 24
    private static let lineBytesMax = 512

    /// Keeps the files below a folder, but for those that nobody needs.
    package static func keep(
        _ name: String, format: UInt8, folder: String, where isWanted: (String) -> Bool = { _ in true }
    ) throws {
        var text = ""
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() where isWanted(path) {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder),
                !isFolder.boolValue
            else { continue }
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)")))
            text += "file \(path) \(bytes.count)\n"
            for stretch in stretches(bytes) { text += "\(stretch.lowerBound) \(hexadecimal(bytes[stretch]))\n" }
        }
        let path = path(name + ".txt", format: format)
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Writes the files that were kept below a folder; false where a format has none.
    package static func unpack(_ name: String, format: UInt8, to folder: String) throws -> Bool {
        let path = path(name + ".txt", format: format)
        guard FileManager.default.fileExists(atPath: path) else { return false }
        var files: [(path: String, bytes: [UInt8])] = []
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 3, words[0] == "file", let count = Int(words[2]) {
                files.append((String(words[1]), [UInt8](repeating: 0, count: count)))
            } else if words.count == 2, let offset = Int(words[0]), let bytes = bytes(words[1]), let last = files.last,
                offset + bytes.count <= last.bytes.count
            {
                files[files.count - 1].bytes.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
            } else {
                throw Trouble(description: "\(path): \(line.prefix(60))… is malformed")
            }
        }
        for (path, bytes) in files {
            let url = URL(fileURLWithPath: "\(folder)/\(path)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        }
        return true
    }

    /// Where there is anything but zeros.
    private static func stretches(_ bytes: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var begin: Int?
        var zeros = 0
        for (place, byte) in bytes.enumerated() {
            if byte != 0, begin == nil { begin = place }
            zeros = byte == 0 ? zeros + 1 : 0
            guard let first = begin, zeros == gap || place - first == lineBytesMax - 1 else { continue }
            found.append(first..<(place + 1 - zeros))
            begin = nil
            zeros = 0
        }
        if let first = begin, first < bytes.count - zeros { found.append(first..<(bytes.count - zeros)) }
        return found.filter { !$0.isEmpty }
    }
}
