/// How a WebSocket ended.
package struct WebSocketClose: Sendable, Equatable {
    /// The peer's code, or ours when we ended it; 1005: none was given; 1006: the connection was lost.
    package let code: UInt16
    package let reason: String
    /// What became of the connection, as its counters have it.
    package let cause: CloseReason

    package init(code: UInt16, reason: String, cause: CloseReason) {
        self.code = code
        self.reason = reason
        self.cause = cause
    }
}

/// One WebSocket on one loop.
///
///     open ── close() or a refusal ──▶ closing ── the peer's close frame, or time ──▶ closed
///       └──── the peer's close frame (echoed), a lost connection ───────────────────▶ closed
///
/// - Callbacks are called on the loop. `onClose` is the last one and comes once: when the closing handshake is done or the
///   connection is lost. After it, sending is ignored.
/// - What a batch sends leaves in one call. A peer that leaves more than `Limits.webSocketOutgoingBytesMax` unread is told
///   1008, as far as it hears it, and dropped.
/// - A silent peer is pinged; one that stays silent is dropped.
// Safe: touched on the loop only.
package final class WebSocket: ConnectionOwner, @unchecked Sendable {
    private enum State { case open, closing, closed }

    package let loop: EventLoop
    private let connection: Connection
    private let role: WebSocketFrameDecoder.Role
    private let limits: Limits
    private var decoder: WebSocketFrameDecoder
    private var state = State.open
    private var paused = false
    private var stash = ByteQueue()
    private var deadline: Deadline?
    private var heardAt: UInt64
    private var pingedAt: UInt64?
    private var closeSent: (code: UInt16, reason: String)?

    /// The subprotocol both agreed on.
    package internal(set) var subprotocol: String?
    /// A whole text message, checked to be UTF-8. The bytes are gone when the call returns.
    package var onText: ((UnsafeRawBufferPointer) -> Void)?
    /// A whole binary message. The bytes are gone when the call returns.
    package var onBinary: ((UnsafeRawBufferPointer) -> Void)?
    /// It is over.
    package var onClose: ((WebSocketClose) -> Void)?
    /// The peer reads again after `isCongested` was true.
    package var onDrained: (() -> Void)?
    /// The connection under it is closed; for the server's book-keeping.
    var onEnd: (() -> Void)?

    init(_ connection: Connection, role: WebSocketFrameDecoder.Role, limits: Limits) {
        self.connection = connection
        self.role = role
        self.limits = limits
        loop = connection.loop
        decoder = WebSocketFrameDecoder(role: role, limits: limits)
        heardAt = EventLoop.monotonicNanoseconds()
    }

    /// Takes over the connection; `rest` was read behind the handshake.
    func open(_ onOpen: (WebSocket) -> Void, _ rest: [UInt8]) {
        connection.hand(to: self)
        let deadline = Deadline(loop) { [unowned self] in deadlineMet() }
        self.deadline = deadline
        deadline.set(heardAt + limits.pingMilliseconds * 1_000_000)
        onOpen(self)
        guard !rest.isEmpty else { return }
        var rest = rest
        rest.withUnsafeMutableBytes { self.connection(connection, received: $0) }
    }

    /// More waits than `Limits.highWaterBytes`: who can wait with sending should, until `onDrained`.
    package var isCongested: Bool { connection.isCongested }

    package var isOpen: Bool { state == .open }

    // MARK: Sending

    /// Sends a text message; the bytes must be UTF-8. On the loop.
    package func send(text bytes: UnsafeRawBufferPointer) { message(.text, bytes) }
    package func send(text bytes: [UInt8]) { bytes.withUnsafeBytes { message(.text, $0) } }
    package func send(text: String) {
        var text = text
        text.withUTF8 { message(.text, UnsafeRawBufferPointer($0)) }
    }

    /// Sends a binary message. On the loop.
    package func send(binary bytes: UnsafeRawBufferPointer) { message(.binary, bytes) }
    package func send(binary bytes: [UInt8]) { bytes.withUnsafeBytes { message(.binary, $0) } }

    private func message(_ opcode: WebSocketOpcode, _ bytes: UnsafeRawBufferPointer) {
        guard state == .open else { return }
        if connection.outstandingBytes > limits.webSocketOutgoingBytesMax { connection.flushNow() }
        guard connection.outstandingBytes <= limits.webSocketOutgoingBytesMax else { return dropSlow() }
        if frame(opcode, bytes) { connection.metrics.countMessageOut() }
    }

    @discardableResult
    private func frame(_ opcode: WebSocketOpcode, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard connection.mayWrite() else { return false }
        let mask = role == .client ? UInt32.random(in: 1 ... .max) : nil
        WebSocketFrameHeader.write(&connection.output, opcode, length: bytes.count, mask: mask)
        if let mask {
            let room = UnsafeMutableRawBufferPointer(start: connection.output.room(bytes.count), count: bytes.count)
            room.copyMemory(from: bytes)
            WebSocketFrameHeader.apply(mask: mask, to: room, phase: 0)
            connection.output.advance(bytes.count)
        } else {
            connection.output.append(bytes)
        }
        connection.flushSoon()
        return true
    }

    // MARK: Receiving

    /// Messages wait, in the kernel and with the peer, until `resume`.
    package func pause() {
        paused = true
        connection.pauseReading()
    }

    /// Messages come again, in the next batch.
    package func resume() {
        guard paused else { return }
        paused = false
        loop.run { [self] in
            guard !paused, state != .closed else { return }
            if !stash.isEmpty {
                // Taken out meanwhile: a callback may end the connection, which empties the stash.
                var taken = ByteQueue()
                swap(&taken, &stash)
                taken.consume(process(taken.mutableBytes))
                if state != .closed { swap(&taken, &stash) }
            }
            if !paused { connection.resumeReading() }
        }
    }

    package func connectionOpened(_ connection: Connection) {}  // It was open before it became a WebSocket.

    package func connection(_ connection: Connection, received bytes: UnsafeMutableRawBufferPointer) {
        heardAt = loop.batchTime
        guard stash.isEmpty, !paused else { return stash.append(UnsafeRawBufferPointer(bytes)) }
        let used = process(bytes)
        if used < bytes.count { stash.append(UnsafeRawBufferPointer(rebasing: bytes[used...])) }
    }

    /// Hands out what is complete in `bytes` until told to pause; returns how many bytes were used.
    private func process(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        var offset = 0
        while offset < bytes.count, !paused, state != .closed {
            do {
                guard let event = try decoder.next(bytes, from: &offset) else { break }
                handle(event)
            } catch {
                refuse(error)
            }
        }
        return state == .closed ? bytes.count : offset
    }

    private func handle(_ event: WebSocketFrameDecoder.Event) {
        switch event {
        case .text(let bytes):
            connection.metrics.countMessageIn()
            if state == .open { onText?(bytes) }
        case .binary(let bytes):
            connection.metrics.countMessageIn()
            if state == .open { onBinary?(bytes) }
        case .ping(let payload): if state == .open { frame(.pong, payload) }
        case .pong: break  // Hearing anything is enough; see `heardAt`.
        case .close(let code, let reason):
            let text = String(decoding: reason, as: UTF8.self)
            if state == .open { writeClose(code, "") }
            let told = closeSent.map { ($0.code, $0.reason) } ?? (code ?? 1005, text)
            over(WebSocketClose(code: told.0, reason: told.1, cause: closeSent == nil ? .peerClosed : .finished))
            connection.finish(closeSent == nil ? .peerClosed : .finished)
        }
    }

    // MARK: The end

    /// Begins the closing handshake. On the loop. Messages already on their way are no longer handed out.
    /// - Parameter reason: at most 123 bytes count
    package func close(code: UInt16 = 1000, reason: String = "") {
        guard state == .open else { return }
        precondition(WebSocketFrameDecoder.mayBeSent(code), "a code that may stand in a close frame")
        closeSent = (code, reason)
        state = .closing
        writeClose(code, reason)
        if paused { resume() }  // Else the peer's answer would not be read.
        deadline?.set(EventLoop.monotonicNanoseconds() + limits.closeMilliseconds * 1_000_000)
    }

    private func writeClose(_ code: UInt16?, _ reason: String) {
        var payload: [UInt8] = []
        if let code {
            payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
            for character in reason {
                let bytes = Array(String(character).utf8)
                guard payload.count + bytes.count <= 125 else { break }
                payload += bytes
            }
        }
        payload.withUnsafeBytes { _ = frame(.close, $0) }
    }

    /// Tells the peer what it did wrong and ends.
    private func refuse(_ refusal: WebSocketRefusal) {
        if state == .open { writeClose(refusal.code, "\(refusal)") }
        over(WebSocketClose(code: refusal.code, reason: "\(refusal)", cause: .protocolViolation))
        connection.finish(.protocolViolation)
    }

    private func dropSlow() {
        let reason = "does not read what it is sent"
        closeSent = (1008, reason)
        writeClose(1008, reason)
        connection.flushNow()
        connection.close(.slowReader)
    }

    private func over(_ close: WebSocketClose) {
        guard state != .closed else { return }
        state = .closed
        deadline?.cancel()
        deadline = nil
        let onClose = self.onClose
        self.onClose = nil
        onText = nil
        onBinary = nil
        onDrained = nil
        onClose?(close)
    }

    package func connectionPeerFinished(_ connection: Connection) {
        // A WebSocket is not half open: without a close frame, the connection is lost. What was sent may still be read.
        over(WebSocketClose(code: closeSent?.code ?? 1006, reason: closeSent?.reason ?? "", cause: .peerClosed))
        connection.finish(.peerClosed)
    }

    package func connectionDrained(_ connection: Connection) { onDrained?() }

    package func connectionClosed(_ connection: Connection, _ reason: CloseReason) {
        over(WebSocketClose(code: closeSent?.code ?? 1006, reason: closeSent?.reason ?? "\(reason)", cause: reason))
        stash.removeAll()
        let onEnd = self.onEnd
        self.onEnd = nil
        onEnd?()
    }

    private func deadlineMet() {
        guard let deadline else { return }
        if state == .closing { return connection.close(.finished) }
        let now = loop.batchTime
        let ping = limits.pingMilliseconds * 1_000_000
        if paused { heardAt = now }  // We do not listen: the peer cannot be silent.
        if let pingedAt, heardAt < pingedAt { return connection.close(.idleTimeout) }
        if heardAt + ping > now {
            pingedAt = nil
            deadline.set(heardAt + ping)
        } else {
            pingedAt = now
            frame(.ping, UnsafeRawBufferPointer(start: nil, count: 0))
            deadline.set(now + limits.pongMilliseconds * 1_000_000)
        }
    }
}
