internal import Glibc

/// Bytes in one piece: appended at the end, taken from the front. The memory of a burst is given back when it is empty.
package struct ByteQueue: ~Copyable {
    /// Memory that an empty queue keeps.
    private static let keptBytes = 16 * 1024

    private var storage: UnsafeMutableRawPointer?
    private var capacity = 0
    private var head = 0
    private var tail = 0

    package init() {}

    deinit { free(storage) }

    @inline(__always) package var count: Int { tail - head }
    @inline(__always) package var isEmpty: Bool { tail == head }

    /// The bytes, valid until the next mutation.
    @inline(__always)
    package var bytes: UnsafeRawBufferPointer {
        guard let storage else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: storage + head, count: tail - head)
    }

    /// The bytes, to be changed in place; valid until the next mutation.
    @inline(__always)
    package var mutableBytes: UnsafeMutableRawBufferPointer {
        guard let storage else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return UnsafeMutableRawBufferPointer(start: storage + head, count: tail - head)
    }

    /// Room for `count` bytes behind the last one, to be filled and then `advance`d over.
    @inline(__always)
    package mutating func room(_ count: Int) -> UnsafeMutableRawPointer {
        if let storage, capacity - tail >= count { return storage + tail }
        return grow(count)
    }

    /// Says that `count` bytes of `room` were filled.
    @inline(__always)
    package mutating func advance(_ count: Int) {
        tail += count
        precondition(tail <= capacity, "more bytes than there was room for")
    }

    /// Drops `count` bytes from the front.
    package mutating func consume(_ count: Int) {
        head += count
        precondition(head <= tail, "more bytes than there are")
        guard head == tail else { return }
        head = 0
        tail = 0
        if capacity > Self.keptBytes {
            free(storage)
            storage = nil
            capacity = 0
        }
    }

    package mutating func removeAll() { consume(count) }

    @inline(__always)
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        room(bytes.count).copyMemory(from: base, byteCount: bytes.count)
        tail += bytes.count
    }

    @inline(__always)
    package mutating func append(_ bytes: [UInt8]) {
        let room = room(bytes.count)
        bytes.withUnsafeBytes { source in
            if let base = source.baseAddress { room.copyMemory(from: base, byteCount: source.count) }
        }
        tail += bytes.count
    }

    @inline(__always)
    package mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    package mutating func append(_ byte: UInt8) {
        room(1).storeBytes(of: byte, as: UInt8.self)
        tail += 1
    }

    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a number in digits.
    package mutating func append(decimal number: Int) {
        precondition(number >= 0, "lengths and codes are not negative")
        var digits = 1
        var rest = number
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        let room = room(digits).assumingMemoryBound(to: UInt8.self)
        rest = number
        for index in stride(from: digits - 1, through: 0, by: -1) {
            room[index] = 48 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        tail += digits
    }

    /// Appends a number in lower-case hexadecimal digits, without leading zeros.
    package mutating func append(hexadecimal number: Int) {
        precondition(number >= 0, "chunk sizes are not negative")
        var shift = max(0, (Int.bitWidth - number.leadingZeroBitCount - 1) / 4 * 4)
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: number >> shift & 15)
            append(digit < 10 ? 48 + digit : 87 + digit)
            shift -= 4
        }
    }

    private mutating func grow(_ more: Int) -> UnsafeMutableRawPointer {
        let count = tail - head
        // Moving down is enough where at least half of the memory becomes free by it.
        if let storage, capacity - count >= more, head >= capacity / 2 {
            memmove(storage, storage + head, count)
            head = 0
            tail = count
            return storage + tail
        }
        var size = max(capacity * 2, 512)
        while size - count < more { size *= 2 }
        // Safe: `malloc` gives memory or the process cannot go on.
        let fresh = malloc(size)!
        if let storage { memcpy(fresh, storage + head, count) }
        free(storage)
        storage = fresh
        capacity = size
        head = 0
        tail = count
        return fresh + tail
    }
}
