internal import Foundation
internal import TandemWire

/// What builds of each format wrote, kept for good below `format-N/`: bytes in hexadecimal digits behind their names. A node
/// must read all of it, whatever it writes itself.
///
/// With `TANDEM_KEEP_FORMS=1` in the environment, the tests that hold today's bytes against the kept ones write them
/// instead; `DESIGN.md` says when that is right.
package enum KeptForms {
    /// One value of one kind: `event tenantCreated`, and its bytes.
    package typealias Line = (name: String, bytes: [UInt8])

    package struct Trouble: Error, CustomStringConvertible {
        package let description: String
    }

    private static let isWriting = ProcessInfo.processInfo.environment["TANDEM_KEEP_FORMS"] == "1"

    /// Those that this build writes and others will read for good; a test build's own is nobody's.
    package static let written =
        WireVersion.oldest...(WireVersion.isTest ? WireVersion.current - 1 : WireVersion.current)

    /// What there is of a format is to be written, not read: it is this build's own, and those of before stay as they are.
    package static func isWritten(_ format: UInt8) -> Bool { isWriting && format == WireVersion.current }

    /// All that are kept, oldest first.
    package static var formats: [UInt8] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: home)) ?? []
        return names.compactMap { $0.hasPrefix("format-") ? UInt8($0.dropFirst(7)) : nil }.sorted()
    }

    private static let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

    /// Where a file or folder of a format is, or is to be.
    package static func path(_ name: String, format: UInt8) -> String { "\(home)/format-\(format)/\(name)" }

    // MARK: Lines

    /// The bytes of `name.txt` by their names; empty where a format has no such file.
    package static func lines(_ file: String, format: UInt8) throws -> [String: [UInt8]] {
        let path = path(file + ".txt", format: format)
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        var kept: [String: [UInt8]] = [:]
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            guard let space = line.lastIndex(of: " "), let bytes = bytes(line[line.index(after: space)...]),
                kept.updateValue(bytes, forKey: String(line[..<space])) == nil
            else { throw Trouble(description: "\(path): \(line.prefix(60))… is malformed or there twice") }
        }
        return kept
    }

    /// What is wrong with today's bytes of a format: which differ from the kept ones, are not kept, or not written any more.
    /// While writing, they are kept from now on.
    package static func differences(_ file: String, format: UInt8, today: [Line]) throws -> [String] {
        if isWritten(format) {
            let text = today.map { "\($0.name) \(hexadecimal($0.bytes))\n" }.joined()
            let path = path(file + ".txt", format: format)
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return []
        }
        var kept = try lines(file, format: format)
        var wrong: [String] = []
        for (name, bytes) in today where kept.removeValue(forKey: name) != bytes {
            wrong.append("\(name) is written as \(hexadecimal(bytes))")
        }
        return wrong + kept.keys.sorted().map { "\($0) is not written any more" }
    }

    static func bytes(_ digits: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = digits[...]
        while !rest.isEmpty {
            guard rest.utf8.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
