/// Frames out of bytes, however they are sliced.
///
///     preface ──▶ header ──▶ payload ──▶ (frame) ──▶ header …
///
/// A frame that lies whole in the input is handed out where it lies; others are collected, in memory that grows with what
/// has come and not with what was announced.
struct PeerFrameDecoder: ~Copyable {
    /// A longer payload is refused before any of it is kept.
    var payloadBytesMax: Int

    private var prefaceSeen = 0
    private var header: PeerFrame.Header?
    /// The part of a header or of a payload that has come.
    private var collected = ByteQueue()
    private var handedOut = false
    private var violation: PeerViolation?

    init(payloadBytesMax: Int) { self.payloadBytesMax = payloadBytesMax }

    /// Reads on in `input` from `offset`, which moves behind what was used; returns the next frame, nil when all was used
    /// and more is needed. The frame's bytes are valid until the decoder or the input is touched again. Once it has thrown
    /// it throws for good.
    mutating func next(
        _ input: UnsafeRawBufferPointer, from offset: inout Int
    ) throws(PeerViolation) -> PeerFrame? {
        if let violation { throw violation }
        do {
            return try advance(input, &offset)
        } catch {
            violation = error
            throw error
        }
    }

    private mutating func advance(
        _ input: UnsafeRawBufferPointer, _ offset: inout Int
    ) throws(PeerViolation) -> PeerFrame? {
        if handedOut {
            handedOut = false
            collected.removeAll()
        }
        while prefaceSeen < PeerFrame.preface.count {
            guard offset < input.count else { return nil }
            guard input[offset] == PeerFrame.preface[prefaceSeen] else { throw .notAPeer }
            prefaceSeen += 1
            offset += 1
        }
        if header == nil { header = try takeHeader(input, &offset) }
        guard let header, let payload = takePayload(header.length, input, &offset) else { return nil }
        self.header = nil
        return try header.frame(payload)
    }

    private mutating func takeHeader(
        _ input: UnsafeRawBufferPointer, _ offset: inout Int
    ) throws(PeerViolation) -> PeerFrame.Header? {
        guard let bytes = take(PeerFrame.headerBytes, input, &offset) else { return nil }
        let header = try PeerFrame.Header(bytes, payloadBytesMax: payloadBytesMax)
        collected.removeAll()
        return header
    }

    private mutating func takePayload(
        _ length: Int, _ input: UnsafeRawBufferPointer, _ offset: inout Int
    ) -> UnsafeRawBufferPointer? {
        guard let bytes = take(length, input, &offset) else { return nil }
        handedOut = !collected.isEmpty
        return bytes
    }

    /// The next `count` bytes in one piece, in the input or collected; nil while they have not all come.
    private mutating func take(
        _ count: Int, _ input: UnsafeRawBufferPointer, _ offset: inout Int
    ) -> UnsafeRawBufferPointer? {
        let used = min(count - collected.count, input.count - offset)
        let part = UnsafeRawBufferPointer(rebasing: input[offset..<(offset + used)])
        offset += used
        if collected.isEmpty, used == count { return part }
        collected.append(part)
        return collected.count == count ? collected.bytes : nil
    }
}
