internal import Glibc

/// Looks into a write-ahead log for what SQLite passes over in silence.
///
/// SQLite drops a damaged frame and everything behind it, which is right for the tail of the transaction that was
/// being written when the power went, and wrong for damage further in front. The two can be told apart: each
/// transaction is synced before the next one begins, so at most one is unsynced, and it is the last. A commit frame
/// behind the break that is itself followed by another frame therefore ended a transaction that was acknowledged.
/// This only holds because a segment's log is never written over: it is emptied at each opening, then only grows.
enum WriteAheadLog {
    private static let headerBytes = 32
    private static let frameHeaderBytes = 24
    /// What the journal's segments have; used when not even the log's header is left.
    private static let usualPageBytes = 4_096

    struct Inspection: Equatable {
        /// Transactions that SQLite will read.
        var transactions = 0
        /// Transactions behind damage that must once have been synced; at least so many are lost.
        var lostTransactions = 0
    }

    /// Reads the log at `path`; one that does not exist is empty.
    static func inspect(_ path: String) throws(SystemError) -> Inspection {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 && errno == ENOENT { return Inspection() }
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { Glibc.close(descriptor) }
        var scan = Scan()
        var header = [UInt8](repeating: 0, count: headerBytes)
        guard try fill(&header, from: descriptor, path) else { return Inspection() }
        scan.readHeader(header)
        var frame = [UInt8](repeating: 0, count: frameHeaderBytes + scan.pageBytes)
        // Many frames at a time: a log may have 30,000 of them.
        var chunk = [UInt8](repeating: 0, count: frame.count * 256)
        var held = 0
        while true {
            let count = more(into: &chunk, at: held, from: descriptor)
            guard count >= 0 else { throw SystemError("read", path) }
            held += count
            var start = 0
            while held - start >= frame.count {
                frame.replaceSubrange(0..., with: chunk[start..<start + frame.count])
                scan.readFrame(frame)
                start += frame.count
            }
            if count == 0 { return scan.result }
            chunk.replaceSubrange(0..<held - start, with: Array(chunk[start..<held]))
            held -= start
        }
    }

    /// Makes whatever lies behind the first `frames` of the log at `path` no part of it, as zeros are none. Only for who
    /// writes it: nobody has read what is there.
    static func void(_ path: String, behind frames: Int) throws(SystemError) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { Glibc.close(descriptor) }
        var header = [UInt8](repeating: 0, count: headerBytes)
        guard try fill(&header, from: descriptor, path) else { return }
        var scan = Scan()
        scan.readHeader(header)
        let nothing = [UInt8](repeating: 0, count: frameHeaderBytes)
        var frame = nothing
        var offset = headerBytes + frames * (frameHeaderBytes + scan.pageBytes)
        while true {
            let count = pread(descriptor, &frame, frame.count, offset)
            guard count >= 0 else { throw SystemError("read", path) }
            guard count == frame.count, frame[8..<16] == header[16..<24] else { break }
            guard pwrite(descriptor, nothing, nothing.count, offset) == nothing.count else {
                throw SystemError("write", path)
            }
            offset += frameHeaderBytes + scan.pageBytes
        }
        guard fdatasync(descriptor) == 0 else { throw SystemError("fdatasync", path) }
    }

    private static func more(into chunk: inout [UInt8], at offset: Int, from descriptor: Int32) -> Int {
        chunk.withUnsafeMutableBytes { bytes in
            let free = UnsafeMutableRawBufferPointer(rebasing: bytes[offset...])
            return read(descriptor, free.baseAddress, free.count)
        }
    }

    private static func fill(_ bytes: inout [UInt8], from descriptor: Int32, _ path: String) throws(SystemError) -> Bool
    {
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw SystemError("read", path) }
        return count == bytes.count
    }

    /// The state of reading a log from its beginning, frame by frame.
    private struct Scan {
        var pageBytes = usualPageBytes
        private var isWhole = false
        private var isBigEndian = false
        private var sum: (UInt32, UInt32) = (0, 0)
        /// Two words that all frames of one life of the log share; nil until known.
        private var salt: UInt64?
        private(set) var result = Inspection()
        /// Commit frames seen since the last transaction that is whole.
        private var commitsBehind = 0

        mutating func readHeader(_ header: [UInt8]) {
            let magic = word(header, 0)
            isBigEndian = magic & 1 == 1
            add(header[0..<24])
            isWhole = magic & ~1 == 0x377F_0682 && word(header, 24) == sum.0 && word(header, 28) == sum.1
            let size = Int(word(header, 8))
            if isWhole && size >= 512 && size <= 65_536 && size & (size - 1) == 0 {
                pageBytes = size
                salt = UInt64(word(header, 16)) << 32 | UInt64(word(header, 20))
            } else {
                isWhole = false
            }
        }

        mutating func readFrame(_ frame: [UInt8]) {
            let frameSalt = UInt64(word(frame, 8)) << 32 | UInt64(word(frame, 12))
            // With the header gone the first frame has to say what life of the log this is.
            if salt == nil && frameSalt != 0 { salt = frameSalt }
            guard frameSalt == salt else {
                isWhole = false
                return
            }
            if isWhole {
                add(frame[0..<8])
                add(frame[frameHeaderBytes...])
                isWhole = word(frame, 16) == sum.0 && word(frame, 20) == sum.1
            }
            if commitsBehind > 0 { result.lostTransactions = commitsBehind }
            guard word(frame, 4) != 0 else { return }
            if isWhole { result.transactions += 1 } else { commitsBehind += 1 }
        }

        /// SQLite's checksum: two sums over pairs of words.
        private mutating func add(_ bytes: ArraySlice<UInt8>) {
            bytes.withUnsafeBytes { raw in
                for offset in stride(from: 0, to: raw.count, by: 8) {
                    let first = raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                    let second = raw.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                    sum.0 &+= (isBigEndian ? UInt32(bigEndian: first) : UInt32(littleEndian: first)) &+ sum.1
                    sum.1 &+= (isBigEndian ? UInt32(bigEndian: second) : UInt32(littleEndian: second)) &+ sum.0
                }
            }
        }

        private func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
            UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16 | UInt32(bytes[offset + 2]) << 8
                | UInt32(bytes[offset + 3])
        }
    }
}
