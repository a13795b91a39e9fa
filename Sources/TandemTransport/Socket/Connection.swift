internal import CLinux
internal import Glibc

/// What happens on a connection; all of it on the connection's loop.
package protocol ConnectionOwner: AnyObject {
    /// A connection that was being made is there (after the TLS handshake, if there is one). Not called for accepted ones.
    func connectionOpened(_ connection: Connection)
    /// Bytes came. They are the owner's to change, and are gone when the call returns; none is delivered twice.
    func connection(_ connection: Connection, received bytes: UnsafeMutableRawBufferPointer)
    /// The peer sends no more, and may still read.
    func connectionPeerFinished(_ connection: Connection)
    /// A congested connection has room again.
    func connectionDrained(_ connection: Connection)
    /// It is over, whoever ended it; the last call, and made once.
    func connectionClosed(_ connection: Connection, _ reason: CloseReason)
}

/// One TCP connection on one loop, with or without TLS.
///
///     connecting ──▶ open ── finish() ──▶ finishing ── output sent ──▶ lingering ──▶ closed
///          └────────── close(), an error, a limit: from any state ─────────────────▶ closed
///
/// - Reading is edge-triggered with the loop's buffer; `pauseReading` leaves bytes in the kernel, so that the peer waits.
/// - Writing appends to `output`; what a batch appended leaves in one `send` at its end.
/// - `finish` sends what waits, then a FIN, then reads and forgets what still comes until the peer has finished too: closing
///   a socket with unread bytes would reset it and destroy the answer on its way (RFC 9112, 9.6).
// Safe: touched on the loop only; `Sendable` for closures that hop to it.
package final class Connection: EventHandler, BatchEnder, @unchecked Sendable {
    private enum State { case connecting, open, finishing, lingering, closed }

    package let loop: EventLoop
    /// The peer, as `address:port`.
    package let peer: String
    let limits: Limits
    let metrics: TransportMetrics
    private let descriptor: Int32
    private var registration: Poller.Registration?
    private var owner: (any ConnectionOwner)?
    private var state: State
    private var tls: TLSSession?
    private let isAccepted: Bool

    /// What is to be sent. Append to it between `mayWrite` and `flushSoon`.
    var output = ByteQueue()
    /// With TLS: the encrypted records made of `output`.
    private var records = ByteQueue()
    private var readable = false
    private var writable = true
    private var paused = false
    private var peerFinished = false
    private var hungUp = false
    private var flushing = false
    private var congested = false
    private var turnPending = false
    private var closeReason = CloseReason.finished
    /// What the system or the TLS layer said, where it is not told by the reason alone.
    private(set) var failure: TransportError?
    private var deadline: Deadline?
    /// Bytes that left since the deadline was set.
    private var stallBytes = 0

    /// Takes over a non-blocking socket, accepted or connecting; on the loop.
    package init(
        _ descriptor: Int32, loop: EventLoop, peer: String, connecting: Bool, tls: TLSSession?, limits: Limits,
        metrics: TransportMetrics
    ) {
        self.descriptor = descriptor
        self.loop = loop
        self.peer = peer
        self.limits = limits
        self.metrics = metrics
        self.tls = tls
        state = connecting ? .connecting : .open
        isAccepted = !connecting
    }

    /// Begins to watch the socket; it is closed again when that fails.
    package func start(_ owner: any ConnectionOwner) throws(TransportError) {
        do {
            registration = try loop.register(descriptor, self)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.owner = owner
        metrics.countOpen()
        let deadline = Deadline(loop) { [unowned self] in deadlineMet() }
        self.deadline = deadline
        if tls != nil || state == .connecting { deadline.set(afterMilliseconds: limits.connectMilliseconds) }
    }

    /// Lets the kernel keep at most about `bytes` that it has not sent: more waits in `output`, where it is seen.
    func boundUnsent(_ bytes: Int32) {
        var bytes = bytes
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &bytes, 4)
    }

    /// Another owner takes over, as after an upgrade.
    func hand(to owner: any ConnectionOwner) { self.owner = owner }

    // MARK: Reading

    /// Leaves further bytes in the kernel until `resumeReading`; the rest of what was read already (at most
    /// `Limits.readBufferBytes`) may still come.
    package func pauseReading() { paused = true }

    /// Bytes come again, in the next batch.
    package func resumeReading() {
        guard paused else { return }
        paused = false
        if readable { readLater() }
    }

    private func readLater() {
        guard !turnPending else { return }
        turnPending = true
        loop.run { [self] in
            turnPending = false
            read()
        }
    }

    private func read() {
        let buffer = loop.readBuffer
        for _ in 0..<Limits.readsPerTurn {
            guard state != .closed, state != .connecting, !peerFinished, !paused || state == .lingering else { return }
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 {
                metrics.countIn(count)
                received(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
                // A short read empties the socket; a FIN that is already there comes with the next one.
                if count < buffer.count, !hungUp {
                    readable = false
                    return
                }
            } else if count == 0 {
                readable = false
                return endOfInput()
            } else if errno == EAGAIN {
                readable = false
                return
            } else if errno != EINTR {
                return close(.reset)
            }
        }
        readLater()
    }

    private func received(_ bytes: UnsafeMutableRawBufferPointer) {
        guard state == .open else { return }  // What comes while finishing is forgotten.
        guard let tls else {
            owner?.connection(self, received: bytes)
            return
        }
        tls.feed(UnsafeRawBufferPointer(bytes))
        advanceTLS(tls)
    }

    private func endOfInput() {
        peerFinished = true
        switch state {
        case .open:
            if let tls, !tls.isEstablished { return close(.tlsFailed) }
            owner?.connectionPeerFinished(self)
        case .finishing: break  // The output is still leaving.
        case .lingering: close(closeReason)
        case .connecting, .closed: break  // Neither reads.
        }
    }

    // MARK: TLS

    /// Goes on with the handshake or decrypts what came.
    private func advanceTLS(_ tls: TLSSession) {
        if !tls.isEstablished {
            do {
                try tls.handshake()
            } catch {
                failure = error
                tls.takeRecords(&records)
                sendAll()
                return close(.tlsFailed)
            }
            flushSoon()
            guard tls.isEstablished else { return }
            deadline?.clear()
            if !tls.isServer { owner?.connectionOpened(self) }
        }
        let buffer = loop.readBuffer
        while state == .open {
            switch tls.decrypt(into: buffer) {
            case .bytes(let count):
                owner?.connection(self, received: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
            case .needMore:
                if tls.hasRecords { flushSoon() }
                return
            case .finished: return endOfInput()
            case .failed(let error):
                failure = error
                return close(.tlsFailed)
            }
        }
    }

    /// Whether the peer has shown a certificate that is good for `name`; nil without TLS.
    func peerIsCertified(as name: String) -> Bool? { tls?.peerIsCertified(as: name) }

    // MARK: Writing

    /// Bytes handed over and not yet taken by the kernel.
    package var outstandingBytes: Int { output.count + records.count }

    /// More waits than `Limits.highWaterBytes`; who is told so hears `connectionDrained` when it is over.
    package var isCongested: Bool {
        if outstandingBytes > limits.highWaterBytes { congested = true }
        return congested
    }

    /// Whether more may be appended. A connection that is over its bound even after another try to send is dropped.
    func mayWrite() -> Bool {
        guard state == .open || state == .connecting else { return false }
        if outstandingBytes > limits.outgoingBytesMax {
            flush()
            if state != .closed, outstandingBytes > limits.outgoingBytesMax { close(.slowReader) }
        }
        return state == .open || state == .connecting
    }

    /// Appends `bytes`, to leave at the end of the batch; false when the connection takes no more.
    @discardableResult
    package func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard mayWrite() else { return false }
        output.append(bytes)
        flushSoon()
        return true
    }

    /// What was appended leaves at the end of the batch.
    func flushSoon() {
        guard !flushing else { return }
        flushing = true
        loop.afterBatch(self)
    }

    func batchEnded() {
        flushing = false
        flush()
    }

    /// What was appended leaves now, as far as the kernel takes it.
    func flushNow() { flush() }

    private func flush() {
        guard state != .closed, state != .connecting else { return }
        if let tls {
            if tls.isEstablished {
                guard output.isEmpty || tls.encrypt(output.bytes) else { return close(.tlsFailed) }
                output.removeAll()
                if state == .finishing { tls.finish() }
            }
            tls.takeRecords(&records)
        }
        guard sendAll() else { return }
        let waiting = outstandingBytes
        if waiting > limits.highWaterBytes {
            congested = true
        } else if congested, waiting <= limits.lowWaterBytes {
            congested = false
            owner?.connectionDrained(self)
        }
        if waiting == 0, state == .finishing { finished() }
    }

    /// Sends until nothing is left or the kernel takes no more; false when the connection ended over it.
    @discardableResult
    private func sendAll() -> Bool {
        let secured = tls != nil
        while writable {
            let bytes = secured ? records.bytes : output.bytes
            guard bytes.count > 0 else { break }
            let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                stallBytes += count
                metrics.countOut(count)
                if secured { records.consume(count) } else { output.consume(count) }
            } else if errno == EAGAIN {
                writable = false
            } else if errno != EINTR {
                close(.reset)
                return false
            }
        }
        guard state == .open || state == .finishing, tls?.isEstablished ?? true, let deadline else { return true }
        if outstandingBytes == 0 {
            deadline.clear()
        } else if !deadline.isSet {
            watchReader(deadline)
        }
        return true
    }

    /// Bytes wait for the peer: when the time is over, it has taken all of them once, or enough.
    private func watchReader(_ deadline: Deadline) {
        stallBytes = 0
        deadline.set(afterMilliseconds: limits.stallMilliseconds)
    }

    // MARK: The end

    /// Sends what waits and ends the connection in good order; `reason` is what the owner is told.
    package func finish(_ reason: CloseReason = .finished) {
        guard state == .open else { return state == .connecting ? close(reason) : () }
        closeReason = reason
        state = .finishing
        flushSoon()
    }

    private func finished() {
        if peerFinished { return close(closeReason) }
        state = .lingering
        shutdown(descriptor, Int32(SHUT_WR))
        deadline?.set(afterMilliseconds: limits.lingerMilliseconds)
        if readable || paused { readLater() }
    }

    /// Ends the connection at once; what waits is lost.
    package func close(_ reason: CloseReason) {
        guard state != .closed else { return }
        state = .closed
        deadline?.cancel()
        deadline = nil
        metrics.countClose(reason)
        if let registration { loop.close(registration) }
        registration = nil
        tls = nil
        let owner = self.owner
        self.owner = nil
        owner?.connectionClosed(self, reason)
        output.removeAll()
        records.removeAll()
    }

    package var isClosed: Bool { state == .closed }

    private func deadlineMet() {
        switch state {
        case .connecting: close(.connectFailed)
        case .open, .finishing:
            if let tls, !tls.isEstablished {
                failure = TransportError(.timeout, "the handshake took too long")
                return close(.tlsFailed)
            }
            guard stallBytes >= limits.stallBytesMin, let deadline else { return close(.slowReader) }
            watchReader(deadline)
        case .lingering: close(closeReason)
        case .closed: break  // The timer was on its way.
        }
    }

    // MARK: Events

    func handle(events: UInt32) {
        if state == .connecting {
            guard connected(events) else { return }
        }
        if events & EPOLLOUT.rawValue != 0 {
            writable = true
            if outstandingBytes > 0 { flush() }
        }
        if events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 {
            if events & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 {
                // It hardly waits any more, and may have asked elsewhere long ago for what still lies here.
                if isAccepted, loop.hasStoodStill { return close(.abandoned) }
                hungUp = true
            }
            readable = true
            // An error is told even to who has paused: nothing will come any more.
            if events & EPOLLERR.rawValue != 0 { paused = false }
            read()
        }
    }

    /// The outcome of connecting; false when there is none yet, or it failed.
    private func connected(_ events: UInt32) -> Bool {
        guard events & (EPOLLOUT.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 else { return false }
        var failure: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size)
        guard failure == 0, events & EPOLLHUP.rawValue == 0 else {
            self.failure = TransportError(.connection, String(cString: strerror(failure)))
            close(.connectFailed)
            return false
        }
        state = .open
        if let tls {
            advanceTLS(tls)
        } else {
            deadline?.clear()
            owner?.connectionOpened(self)
        }
        if outstandingBytes > 0 { flushSoon() }
        return state != .closed
    }

    func loopEnds() {
        if state == .open || state == .finishing { flush() }
        close(.shutdown)
    }
}
