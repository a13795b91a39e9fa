/// Messages and control frames out of bytes, however they are sliced (RFC 6455).
///
///     header ──▶ payload ──▶ (event) ──▶ header … ──▶ after a close frame: nothing more
///
/// A message that lies whole in the input is unmasked there and handed out without a copy; others are collected. Text is
/// checked as it comes, so that a broken message is refused at its first broken byte.
package struct WebSocketFrameDecoder: ~Copyable {
    /// Who decodes: a server expects masked frames, a client unmasked ones.
    package enum Role: Sendable { case server, client }

    /// Something complete. Its bytes are valid until the decoder or the input is touched again.
    package enum Event {
        case text(UnsafeRawBufferPointer)
        case binary(UnsafeRawBufferPointer)
        case ping(UnsafeRawBufferPointer)
        case pong(UnsafeRawBufferPointer)
        /// `code` is nil for a close frame without a payload.
        case close(code: UInt16?, reason: UnsafeRawBufferPointer)
    }

    private let role: Role
    private let frameBytesMax: Int
    private let messageBytesMax: Int

    /// A header of which only the first bytes have come.
    private var headerBytes = ByteQueue()
    private var header: WebSocketFrameHeader?
    /// Bytes of the current payload so far.
    private var received = 0
    /// The message so far; during a frame, that frame's part of it too.
    private var message = ByteQueue()
    private var control = ByteQueue()
    /// The opcode of the message that is being continued.
    private var kind: WebSocketOpcode?
    private var text = UTF8Validator()
    private var handedOut = false
    private var closed = false
    private var refusal: WebSocketRefusal?

    package init(role: Role, limits: Limits = Limits()) {
        self.role = role
        frameBytesMax = limits.frameBytesMax
        messageBytesMax = limits.messageBytesMax
    }

    /// Reads on in `input` from `offset`, which moves behind what was used; returns what is complete, nil when all was used
    /// and more is needed. Payloads are unmasked in `input`. Once it has refused it refuses for good.
    package mutating func next(
        _ input: UnsafeMutableRawBufferPointer, from offset: inout Int
    ) throws(WebSocketRefusal) -> Event? {
        if let refusal { throw refusal }
        do {
            return try advance(input, &offset)
        } catch {
            refusal = error
            throw error
        }
    }

    private mutating func advance(
        _ input: UnsafeMutableRawBufferPointer, _ offset: inout Int
    ) throws(WebSocketRefusal) -> Event? {
        if handedOut {
            handedOut = false
            control.removeAll()
            if kind == nil { message.removeAll() }
        }
        while !closed {
            if header == nil {
                guard try takeHeader(UnsafeRawBufferPointer(input), &offset) else { return nil }
            }
            guard let header else { return nil }
            let count = min(header.length - received, input.count - offset)
            let part = UnsafeMutableRawBufferPointer(rebasing: input[offset..<(offset + count)])
            WebSocketFrameHeader.apply(mask: header.mask, to: part, phase: received)
            offset += count
            let isWhole = received == 0 && count == header.length
            received += count
            if !header.opcode.isControl, kind == .text || header.opcode == .text {
                guard text.accept(UnsafeRawBufferPointer(part)) else { throw .textNotUTF8 }
            }
            guard received == header.length else {
                collect(header, part)
                return nil
            }
            self.header = nil
            received = 0
            if let event = try complete(header, part, isWhole) { return event }
        }
        offset = input.count  // What follows a close frame is nobody's.
        return nil
    }

    private mutating func collect(_ header: WebSocketFrameHeader, _ part: UnsafeMutableRawBufferPointer) {
        if header.opcode.isControl {
            control.append(UnsafeRawBufferPointer(part))
        } else {
            message.append(UnsafeRawBufferPointer(part))
        }
    }

    /// Takes a header from the input; true when it is complete, and right at this place.
    private mutating func takeHeader(
        _ input: UnsafeRawBufferPointer, _ offset: inout Int
    ) throws(WebSocketRefusal) -> Bool {
        guard offset < input.count else { return false }
        let masked = role == .server
        if headerBytes.isEmpty {
            let rest = UnsafeRawBufferPointer(rebasing: input[offset...])
            if let parsed = try WebSocketFrameHeader.parse(rest, masked: masked) {
                offset += parsed.size
                try accept(parsed)
                return true
            }
        }
        while offset < input.count {
            headerBytes.append(input[offset])
            offset += 1
            if let parsed = try WebSocketFrameHeader.parse(headerBytes.bytes, masked: masked) {
                headerBytes.removeAll()
                try accept(parsed)
                return true
            }
        }
        return false
    }

    private mutating func accept(_ parsed: WebSocketFrameHeader) throws(WebSocketRefusal) {
        switch parsed.opcode {
        case .continuation: guard kind != nil else { throw .continuationWithoutStart }
        case .text, .binary:
            guard kind == nil else { throw .messageInsideMessage }
            text = UTF8Validator()
        case .close, .ping, .pong: break  // May stand between the frames of a message.
        }
        if !parsed.opcode.isControl {
            guard parsed.length <= frameBytesMax else { throw .frameTooLong }
            guard parsed.length <= messageBytesMax - message.count else { throw .messageTooLong }
        }
        header = parsed
    }

    /// A frame is complete; `part` is the end of its payload, all of it when `isWhole`.
    private mutating func complete(
        _ header: WebSocketFrameHeader, _ part: UnsafeMutableRawBufferPointer, _ isWhole: Bool
    ) throws(WebSocketRefusal) -> Event? {
        if header.opcode.isControl {
            if !isWhole { control.append(UnsafeRawBufferPointer(part)) }
            handedOut = true
            return try controlEvent(header.opcode, isWhole ? UnsafeRawBufferPointer(part) : control.bytes)
        }
        let opcode = kind ?? header.opcode
        let isAlone = isWhole && header.isFinal && kind == nil
        if !isAlone { message.append(UnsafeRawBufferPointer(part)) }
        guard header.isFinal else {
            kind = opcode
            return nil
        }
        kind = nil
        handedOut = true
        let bytes = isAlone ? UnsafeRawBufferPointer(part) : message.bytes
        guard opcode == .text else { return .binary(bytes) }
        guard text.isComplete else { throw .textNotUTF8 }
        return .text(bytes)
    }

    private mutating func controlEvent(
        _ opcode: WebSocketOpcode, _ payload: UnsafeRawBufferPointer
    ) throws(WebSocketRefusal) -> Event {
        switch opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close:
            guard payload.count > 0 else {
                closed = true
                return .close(code: nil, reason: payload)
            }
            guard payload.count >= 2 else { throw .closePayloadTooShort }
            let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
            guard Self.mayBeSent(code) else { throw .closeCodeInvalid }
            let reason = UnsafeRawBufferPointer(rebasing: payload[2...])
            var validator = UTF8Validator()
            guard validator.accept(reason), validator.isComplete else { throw .textNotUTF8 }
            closed = true
            return .close(code: code, reason: reason)
        case .continuation, .text, .binary: preconditionFailure("only control frames come here")
        }
    }

    /// Codes that may stand in a close frame: the registered ones but 1005, 1006 and 1015, and 3000 to 4999.
    static func mayBeSent(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
