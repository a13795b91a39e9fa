internal import CLinux

/// What the owner calls its frames, and what becomes of one that finds its peer's queue full.
package struct PeerKind: Hashable, Sendable {
    package enum WhenFull: Sendable {
        /// It is forgotten and counted: who sent it sends it again in its own time, as Raft does.
        case dropped
        /// The caller is told and still has it.
        case refused
    }

    /// The lower codes are the link's own; see `PeerLinkKind`.
    package static let codes: ClosedRange<UInt8> = 16...255

    package let code: UInt8
    package let whenFull: WhenFull

    package init(_ code: UInt8, whenFull: WhenFull) {
        precondition(Self.codes.contains(code), "the codes below 16 belong to the link")
        self.code = code
        self.whenFull = whenFull
    }
}

/// The frames that links send for themselves.
enum PeerLinkKind: UInt8 {
    /// Who I am; the first frame of both sides.
    case hello = 1
    /// The dialler's answer to a HELLO: you are admitted. From here on everything may be sent.
    case ready = 2
    /// Why you are not admitted; the last frame.
    case refused = 3
    /// I am there and had nothing else to say.
    case ping = 4
}

/// One frame between nodes.
///
///     ┌ length u32 ┬ kind u8 ┬ 0 ┬ channel u16 ┬ CRC-32C of the payload u32 ┬ CRC-32C of the 12 bytes before u32 ┬ payload
///
/// Little-endian; `length` is the payload's. The header has a checksum of its own, so that a damaged length is never
/// waited for; it covers the payload's checksum, so no payload fits under another header.
package struct PeerFrame {
    static let headerBytes = 16
    private static let coveredBytes = 12
    /// What each side sends before its first frame. No text and no TLS record begins like this.
    static let preface: [UInt8] = [0x89] + Array("TANDEM".utf8) + [0x0A]

    package let kind: UInt8
    /// The partition, or whatever the owner numbers.
    package let channel: UInt16
    /// Valid during the call it is handed to.
    package let payload: UnsafeRawBufferPointer

    /// Appends a frame to what a connection is to send.
    static func write(
        to output: inout ByteQueue, kind: UInt8, channel: UInt16, payload: UnsafeRawBufferPointer
    ) {
        let room = output.room(headerBytes + payload.count)
        room.storeBytes(of: UInt32(payload.count).littleEndian, as: UInt32.self)
        room.storeBytes(of: kind, toByteOffset: 4, as: UInt8.self)
        room.storeBytes(of: 0, toByteOffset: 5, as: UInt8.self)
        room.storeBytes(of: channel.littleEndian, toByteOffset: 6, as: UInt16.self)
        room.storeBytes(of: checksum(payload).littleEndian, toByteOffset: 8, as: UInt32.self)
        let covered = UnsafeRawBufferPointer(start: room, count: coveredBytes)
        room.storeBytes(of: checksum(covered).littleEndian, toByteOffset: 12, as: UInt32.self)
        if let base = payload.baseAddress { (room + headerBytes).copyMemory(from: base, byteCount: payload.count) }
        output.advance(headerBytes + payload.count)
    }

    fileprivate static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tandem_crc32c(0, bytes.baseAddress, bytes.count)
    }

    /// The first bytes of a frame, checked.
    struct Header {
        let length: Int
        let kind: UInt8
        let channel: UInt16
        private let checksum: UInt32

        /// Reads `headerBytes` bytes.
        init(_ bytes: UnsafeRawBufferPointer, payloadBytesMax: Int) throws(PeerViolation) {
            precondition(bytes.count >= headerBytes, "a whole header")
            func number<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Number {
                Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
            }
            let covered = UnsafeRawBufferPointer(rebasing: bytes[..<coveredBytes])
            guard PeerFrame.checksum(covered) == number(12, UInt32.self) else { throw .headerDamaged }
            guard bytes[5] == 0 else { throw .reservedByteSet }
            length = Int(number(0, UInt32.self))
            guard length <= payloadBytesMax else { throw .tooLong(length: length, bound: payloadBytesMax) }
            kind = bytes[4]
            channel = number(6, UInt16.self)
            checksum = number(8, UInt32.self)
        }

        /// The frame with its payload, which has to be what was sent.
        func frame(_ payload: UnsafeRawBufferPointer) throws(PeerViolation) -> PeerFrame {
            guard PeerFrame.checksum(payload) == checksum else { throw .payloadDamaged }
            return PeerFrame(kind: kind, channel: channel, payload: payload)
        }
    }
}
