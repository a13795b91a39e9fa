/// Why a WebSocket peer is refused.
package enum WebSocketRefusal: Error, Equatable, Sendable, CaseIterable {
    case reservedBits, unknownOpcode, fragmentedControl, longControl
    case maskMissing, maskForbidden
    case lengthNotMinimal, lengthTooGreat
    case continuationWithoutStart, messageInsideMessage
    case closeCodeInvalid, closePayloadTooShort
    case textNotUTF8
    case frameTooLong, messageTooLong

    /// The close code to tell the peer (RFC 6455, 7.4.1).
    package var code: UInt16 {
        switch self {
        case .reservedBits, .unknownOpcode, .fragmentedControl, .longControl, .maskMissing, .maskForbidden,
            .lengthNotMinimal, .lengthTooGreat, .continuationWithoutStart, .messageInsideMessage,
            .closeCodeInvalid, .closePayloadTooShort:
            1002
        case .textNotUTF8: 1007
        case .frameTooLong, .messageTooLong: 1009
        }
    }
}

/// The frames of RFC 6455, 5.2.
enum WebSocketOpcode: UInt8 {
    case continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10

    var isControl: Bool { rawValue >= 8 }
}

/// A frame's first bytes.
struct WebSocketFrameHeader {
    let isFinal: Bool
    let opcode: WebSocketOpcode
    /// The payload's bytes.
    let length: Int
    /// The mask in the order of its bytes in memory; 0 leaves bytes as they are.
    let mask: UInt32
    /// The header's own bytes.
    let size: Int

    /// Reads a header; nil when more bytes are needed. Refuses at the first byte that is wrong.
    static func parse(
        _ bytes: UnsafeRawBufferPointer, masked expected: Bool
    ) throws(WebSocketRefusal) -> WebSocketFrameHeader? {
        guard bytes.count >= 2 else { return nil }
        guard bytes[0] & 0x70 == 0 else { throw .reservedBits }
        guard let opcode = WebSocketOpcode(rawValue: bytes[0] & 0x0F) else { throw .unknownOpcode }
        let isFinal = bytes[0] & 0x80 != 0
        let isMasked = bytes[1] & 0x80 != 0
        guard isMasked == expected else { throw isMasked ? .maskForbidden : .maskMissing }
        let short = Int(bytes[1] & 0x7F)
        if opcode.isControl {
            guard isFinal else { throw .fragmentedControl }
            guard short <= 125 else { throw .longControl }
        }
        let lengthSize = short < 126 ? 0 : short == 126 ? 2 : 8
        let size = 2 + lengthSize + (isMasked ? 4 : 0)
        guard bytes.count >= size else { return nil }
        var length = UInt64(short)
        if lengthSize > 0 {
            length = 0
            for index in 2..<(2 + lengthSize) { length = length << 8 | UInt64(bytes[index]) }
            guard length <= UInt64(Int.max) else { throw .lengthTooGreat }
            guard length >= (lengthSize == 2 ? 126 : 65_536) else { throw .lengthNotMinimal }
        }
        let mask = isMasked ? bytes.loadUnaligned(fromByteOffset: size - 4, as: UInt32.self) : 0
        return WebSocketFrameHeader(isFinal: isFinal, opcode: opcode, length: Int(length), mask: mask, size: size)
    }

    /// Appends a final frame's header. With a mask, the payload that follows must be masked with it.
    static func write(_ output: inout ByteQueue, _ opcode: WebSocketOpcode, length: Int, mask: UInt32?) {
        output.append(0x80 | opcode.rawValue)
        let flag: UInt8 = mask == nil ? 0 : 0x80
        switch length {
        case ..<126: output.append(flag | UInt8(length))
        case ..<65_536:
            output.append(flag | 126)
            output.append(UInt8(length >> 8))
            output.append(UInt8(length & 0xFF))
        default:
            output.append(flag | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                output.append(UInt8(truncatingIfNeeded: length >> shift))
            }
        }
        if let mask { withUnsafeBytes(of: mask) { output.append($0) } }
    }

    /// Masks or unmasks in place; `phase` is how many bytes of the payload came before.
    @inline(__always)
    static func apply(mask: UInt32, to bytes: UnsafeMutableRawBufferPointer, phase: Int) {
        guard mask != 0 else { return }
        // The mask's bytes are in memory order, so a rotation to lower addresses is one to the right on this machine.
        let turn = UInt32(phase & 3) * 8
        let word = mask.littleEndian
        let turned = turn == 0 ? word : word >> turn | word << (32 - turn)
        let wide = (UInt64(turned) | UInt64(turned) << 32)
        var index = 0
        while index + 8 <= bytes.count {
            let value = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            bytes.storeBytes(of: value ^ wide.littleEndian, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < bytes.count {
            bytes[index] ^= UInt8(truncatingIfNeeded: wide >> (UInt64(index & 7) * 8))
            index += 1
        }
    }
}
