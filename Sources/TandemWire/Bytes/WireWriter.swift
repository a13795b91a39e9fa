/// An append-only buffer of bytes, made once and used again.
///
/// Writing never fails: what is written is already in memory. Whoever journals or sends the bytes checks their
/// `count` against his own bound. Numbers are little-endian, or LEB128 where they are usually small.
// Safe: the only owner of its memory, which nothing else points to; not copyable.
package struct WireWriter: ~Copyable, @unchecked Sendable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    /// Bytes written since the beginning, or since `removeAll`.
    @usableFromInline package private(set) var count = 0
    /// Whose layout is written; a codec's version byte sets it.
    var version = WireVersion.current

    package init(capacity: Int = 512) {
        self.capacity = max(capacity, 16)
        base = .allocate(byteCount: self.capacity, alignment: 8)
    }

    deinit { base.deallocate() }

    /// A copy of what has been written.
    package var bytes: [UInt8] { [UInt8](UnsafeRawBufferPointer(start: base, count: count)) }

    /// Lends what has been written, without copying; the buffer is valid inside `body` only.
    @inlinable
    package borrowing func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Begins again; the memory is kept unless a single large value has blown it up.
    package mutating func removeAll(keepingCapacity: Bool = true) {
        count = 0
        guard !keepingCapacity, capacity > 512 else { return }
        base.deallocate()
        capacity = 512
        base = .allocate(byteCount: capacity, alignment: 8)
    }

    /// Makes sure that `size` more bytes fit.
    @inlinable
    mutating func reserve(_ size: Int) {
        if capacity - count < size { grow(by: size) }
    }

    @inline(never)
    @usableFromInline
    mutating func grow(by size: Int) {
        let larger = max(capacity * 2, count + size)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 8)
        fresh.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = fresh
        capacity = larger
    }

    @inlinable
    package mutating func writeByte(_ byte: UInt8) {
        reserve(1)
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Eight bytes, little-endian.
    @inlinable
    package mutating func writeFixed(_ number: UInt64) {
        reserve(8)
        base.storeBytes(of: number.littleEndian, toByteOffset: count, as: UInt64.self)
        count += 8
    }

    /// LEB128: seven bits a byte, the lowest first, in as few bytes as there can be; at most ten.
    @inlinable
    package mutating func writeVarint(_ number: UInt64) {
        reserve(10)
        var rest = number
        while rest >= 0x80 {
            base.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: count, as: UInt8.self)
            count += 1
            rest >>= 7
        }
        base.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// LEB128 of the zig-zag form: small numbers of either sign are short.
    @inlinable
    package mutating func writeZigZag(_ number: Int64) {
        writeVarint(UInt64(bitPattern: (number << 1) ^ (number >> 63)))
    }

    /// As they are, without their length.
    @inlinable
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + count).copyMemory(from: start, byteCount: bytes.count)
        count += bytes.count
    }

    /// As they are, without their length.
    package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Their count, and the bytes: the form of `[UInt8]`, copied as a whole.
    package mutating func writeOpaque(_ bytes: [UInt8]) {
        writeVarint(UInt64(bytes.count))
        append(bytes)
    }

    /// The length of the UTF-8 bytes, and the bytes.
    package mutating func writeText(_ text: String) {
        var utf8 = text.utf8
        writeVarint(UInt64(utf8.count))
        let isWritten: Void? = utf8.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
        if isWritten == nil {
            utf8 = String(decoding: utf8, as: UTF8.self).utf8
            for byte in utf8 { writeByte(byte) }
        }
    }

    @inlinable
    package mutating func write<Value: WireValue>(_ value: Value) { value.write(to: &self) }
}
