import Glibc

/// A directory of a test's own, gone with everything in it when the test is over.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/tandem-journal-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "A test can make a directory.")
        path = template.withUnsafeBufferPointer { buffer in
            String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    deinit {
        TemporaryDirectory.remove(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The names in it, sorted.
    var names: [String] { TemporaryDirectory.names(in: path) }

    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func remove(_ directory: String) {
        for name in names(in: directory) {
            let path = "\(directory)/\(name)"
            if unlink(path) != 0 { remove(path) }
        }
        rmdir(directory)
    }
}

/// A file's bytes, and writing over some of them, as a disk gone bad would.
enum RawFile {
    static func bytes(_ path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var status = stat()
        fstat(descriptor, &status)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = read(descriptor, &bytes, bytes.count)
        precondition(count == bytes.count, "A regular file is read whole.")
        return bytes
    }

    static func write(_ bytes: [UInt8], to path: String, at offset: Int = 0, truncate: Bool = false) {
        let descriptor = open(path, O_WRONLY | O_CREAT | (truncate ? O_TRUNC : 0), 0o600)
        precondition(descriptor >= 0, "The file can be written.")
        defer { close(descriptor) }
        let count = pwrite(descriptor, bytes, bytes.count, off_t(offset))
        precondition(count == bytes.count, "All of it was written.")
    }

    static func flipBit(_ bit: Int, at offset: Int, of path: String) {
        let byte = bytes(path)[offset]
        write([byte ^ UInt8(1 << bit)], to: path, at: offset)
    }

    static func cut(_ path: String, to size: Int) {
        precondition(truncate(path, off_t(size)) == 0, "The file can be shortened.")
    }

    static func copy(_ source: String, to destination: String) {
        write(bytes(source), to: destination, truncate: true)
    }
}
