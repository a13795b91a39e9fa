internal import Foundation

/// What becomes of the files of a node on a disk that keeps nothing well.
package enum Rot {
    /// Changes a byte of a word wherever it is in the first segment of the journal in a node's directory; how often it was
    /// there.
    package static func strike(_ word: String, below directory: String) throws -> Int {
        var found = 0
        for name in ["journal-000001.sqlite", "journal-000001.sqlite-wal"] {
            let path = "\(directory)/journal/\(name)"
            guard let bytes = FileManager.default.contents(atPath: path) else { continue }
            var from = bytes.startIndex
            while let place = bytes.range(of: Data(word.utf8), in: from..<bytes.endIndex) {
                try change(path, at: place.lowerBound, [UInt8(ascii: "?")])
                from = place.upperBound
                found += 1
            }
        }
        return found
    }

    /// Writes other bytes at a place of a file.
    package static func change(_ path: String, at offset: Int, _ bytes: [UInt8]) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }
}
