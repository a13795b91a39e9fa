/// Collects one line up to its CRLF.
struct LineCollector {
    /// The line without its end, when `take` said that it is complete.
    private(set) var bytes: [UInt8] = []
    private var isComplete = false

    /// Nothing of a line has come since the last complete one.
    var isEmpty: Bool { isComplete || bytes.isEmpty }

    /// Takes bytes up to the line's end; true when it is complete. `max` counts the CRLF.
    mutating func take(
        _ input: UnsafeRawBufferPointer, _ offset: inout Int, max: Int, tooLong: HTTPRefusal
    ) throws(HTTPRefusal) -> Bool {
        if isComplete {
            bytes.removeAll(keepingCapacity: true)
            isComplete = false
        }
        while offset < input.count {
            let byte = input[offset]
            offset += 1
            bytes.append(byte)
            guard bytes.count <= max else { throw tooLong }
            guard byte == 10 else { continue }
            guard bytes.count >= 2, bytes[bytes.count - 2] == 13 else { throw .bareLineFeed }
            bytes.removeLast(2)
            isComplete = true
            return true
        }
        return false
    }
}
