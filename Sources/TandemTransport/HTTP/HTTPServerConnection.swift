/// A server's side of one HTTP/1.1 connection: requests in, answers out in their order.
///
/// Requests are parsed and handed out while there are fewer than `Limits.pipelinedMax` unanswered and the client reads its
/// answers; otherwise what was read waits in `stash` and reading pauses. The answer that is first in line is written
/// straight to the connection's output; one that comes before its turn is held.
// Safe: touched on the loop only; `Sendable` for responders that hop to it.
final class HTTPServerConnection: ConnectionOwner, @unchecked Sendable {
    let loop: EventLoop
    let peer: String
    private let connection: Connection
    private let server: HTTPServer
    private let handler: HTTPServer.Handler
    private let metrics: TransportMetrics
    private let limits: Limits
    private var parser: HTTPRequestParser
    /// Bytes read and not parsed.
    private var stash = ByteQueue()
    private var exchanges: [HTTPExchange] = []
    private var firstSequence: UInt64 = 0
    /// Bytes of all answers that are held.
    private var heldBytes = 0
    /// What the unfinished body has of the server's room for bodies.
    private var bodyShare = 0
    /// No further request is parsed: the last answer closes.
    private var closing = false
    private var closeReason = CloseReason.finished
    private var upgrading = false
    private var isUpgraded = false
    private var parsing = false
    private var peerFinished = false
    private var continuePending = false
    private var served = false
    private var deadline: Deadline?
    private var phaseBefore = HTTPRequestParser.Phase.idle
    private var acceptedBefore: UInt64 = 0
    private var phaseStart: UInt64 = 0

    init(_ connection: Connection, _ server: HTTPServer) {
        self.connection = connection
        self.server = server
        loop = connection.loop
        peer = connection.peer
        limits = server.limits
        handler = server.handler
        metrics = server.metrics
        parser = HTTPRequestParser(limits: server.limits)
    }

    func start() throws(TransportError) {
        try connection.start(self)
        let deadline = Deadline(loop) { [unowned self] in deadlineMet() }
        self.deadline = deadline
        deadline.set(EventLoop.monotonicNanoseconds() + limits.headerMilliseconds * 1_000_000)
    }

    var outstandingBytes: Int { connection.outstandingBytes }

    // MARK: Requests

    func connectionOpened(_ connection: Connection) {}  // Only connections that we make are announced.

    func connection(_ connection: Connection, received bytes: UnsafeMutableRawBufferPointer) {
        guard !closing else { return }
        if stash.isEmpty {
            let used = parse(UnsafeRawBufferPointer(bytes))
            if used < bytes.count, !closing { stash.append(UnsafeRawBufferPointer(rebasing: bytes[used...])) }
        } else {
            stash.append(UnsafeRawBufferPointer(bytes))
        }
        settle()
    }

    private var mayParse: Bool {
        !closing && !upgrading && exchanges.count < limits.pipelinedMax && heldBytes <= limits.highWaterBytes
            && !connection.isCongested
    }

    /// Hands out the requests in `bytes`, as far as it may; returns how many bytes were used.
    private func parse(_ bytes: UnsafeRawBufferPointer) -> Int {
        var offset = 0
        parsing = true
        defer { parsing = false }
        while offset < bytes.count, mayParse {
            do {
                guard let request = try parser.next(bytes, from: &offset) else { break }
                accept(request)
            } catch {
                refuse(error)
            }
        }
        if !takeBodyShare(max(0, parser.bodyBytes - Limits.bodyBytesFree)) { refuse(.bodiesTooMany) }
        return offset
    }

    /// Takes so many bytes of the server's room for bodies, or gives back what is too much; false when there is no room.
    private func takeBodyShare(_ bytes: Int) -> Bool {
        guard bytes != bodyShare, bytes < bodyShare || !closing else { return true }
        guard server.takeBodyBytes(bytes - bodyShare) else { return false }
        bodyShare = bytes
        return true
    }

    private func accept(_ request: HTTPRequest) {
        let sequence = firstSequence + UInt64(exchanges.count)
        exchanges.append(
            HTTPExchange(
                isHead: request.method == .head, isVersion10: request.isVersion10, keepsAlive: request.keepsAlive))
        served = true
        if !request.keepsAlive { closing = true }
        if request.asksForUpgrade { upgrading = true }
        handler(request, HTTPResponder(self, sequence))
    }

    /// Answers a bad request, after those before it, and closes.
    private func refuse(_ refusal: HTTPRefusal) {
        closing = true
        switch refusal {
        case .headerTimeout, .bodyTimeout: closeReason = .requestTimeout
        case .bodiesTooMany: closeReason = .refused
        default: closeReason = .protocolViolation  // All others are the client's mistakes.
        }
        let sequence = firstSequence + UInt64(exchanges.count)
        exchanges.append(HTTPExchange(isHead: false, isVersion10: false, keepsAlive: false))
        let headers = refusal == .bodiesTooMany ? HTTPHeaders.problem.adding("Retry-After", "1") : .problem
        respond(sequence, refusal.status, headers, HTTPServer.problem(refusal.status, "http.\(refusal)"))
    }

    /// Answers 503 before anything was asked: the server has no room for another client.
    func refuseConnection() {
        closing = true
        closeReason = .refused
        let sequence = firstSequence + UInt64(exchanges.count)
        exchanges.append(HTTPExchange(isHead: false, isVersion10: false, keepsAlive: false))
        let headers = HTTPHeaders.problem.adding("Retry-After", "1")
        respond(sequence, 503, headers, HTTPServer.problem(503, "http.tooManyConnections"))
    }

    func close(_ reason: CloseReason) { connection.close(reason) }

    /// After anything happened: parse what waits, read on or pause, keep time.
    private func settle() {
        guard !parsing, !isUpgraded, !connection.isClosed else { return }
        while !stash.isEmpty, mayParse {
            // Taken out meanwhile: a handler's answer may end the connection, which empties the stash.
            var taken = ByteQueue()
            swap(&taken, &stash)
            taken.consume(parse(taken.bytes))
            if !closing { swap(&taken, &stash) }
        }
        if upgradeIfFirst() { return }
        if closing { stash.removeAll() }
        if stash.isEmpty, mayParse {
            connection.resumeReading()
        } else {
            connection.pauseReading()
        }
        if parser.takeContinue() { continuePending = true }
        if continuePending, exchanges.isEmpty {
            continuePending = false
            if parser.phase == .body, parser.bodyBytes == 0 {
                connection.output.append("HTTP/1.1 100 Continue\r\n\r\n")
                connection.flushSoon()
            }
        }
        if exchanges.isEmpty {
            if closing {
                connection.finish(closeReason)
            } else if peerFinished, stash.isEmpty {
                connection.finish(.peerClosed)
            }
        }
        keepTime()
    }

    func connectionPeerFinished(_ connection: Connection) {
        peerFinished = true
        settle()
    }

    func connectionDrained(_ connection: Connection) {
        exchanges.first?.onDrained?()
        settle()
    }

    func connectionClosed(_ connection: Connection, _ reason: CloseReason) {
        closing = true
        deadline?.cancel()
        deadline = nil
        let gone = exchanges.compactMap(\.onGone)
        firstSequence += UInt64(exchanges.count)
        exchanges = []
        heldBytes = 0
        stash.removeAll()
        _ = server.takeBodyBytes(-bodyShare)
        bodyShare = 0
        server.closed(self)
        for body in gone { body() }
    }

    /// The server accepts no more: an idle connection ends, a busy one after its answers, a WebSocket when its owner says.
    func drain() {
        guard !isUpgraded else { return }
        closing = true
        for index in exchanges.indices { exchanges[index].keepsAlive = false }
        settle()
    }

    // MARK: Time

    private func keepTime() {
        guard let deadline, !closing else { return deadline?.clear() ?? () }
        let phase = parser.phase
        let accepted = firstSequence + UInt64(exchanges.count)
        if phase != phaseBefore || accepted != acceptedBefore || phase == .idle { phaseStart = loop.batchTime }
        phaseBefore = phase
        acceptedBefore = accepted
        guard mayParse else { return deadline.clear() }  // We do not read: the client cannot be late.
        switch phase {
        case .idle:
            if !exchanges.isEmpty {
                deadline.clear()
            } else if served {
                deadline.set(afterMilliseconds: limits.keepAliveMilliseconds)
            }
        case .head: deadline.set(phaseStart + limits.headerMilliseconds * 1_000_000)
        case .body:
            let earned = UInt64(parser.bodyBytes) * 1_000 / max(1, limits.bodyBytesPerSecondMin)
            deadline.set(phaseStart + (limits.bodyMilliseconds + earned) * 1_000_000)
        }
    }

    private func deadlineMet() {
        switch parser.phase {
        case .idle:
            closing = true
            closeReason = .idleTimeout
        case .head: refuse(.headerTimeout)
        case .body: refuse(.bodyTimeout)
        }
        settle()
    }

    // MARK: Answers

    private func index(_ sequence: UInt64) -> Int? {
        guard sequence >= firstSequence, sequence - firstSequence < UInt64(exchanges.count) else { return nil }
        return Int(sequence - firstSequence)
    }

    func respond(_ sequence: UInt64, _ status: Int, _ headers: HTTPHeaders, _ body: [UInt8]) {
        guard let index = index(sequence) else { return }  // The client is gone.
        metrics.countResponse(status)
        write(index) { exchange, output in
            exchange.writeHead(&output, status, headers, date: loop.dateCache.value(), length: body.count)
            exchange.writeBody(&output, body)
            exchange.progress = .done
        }
        answered(index)
    }

    func begin(_ sequence: UInt64, _ status: Int, _ headers: HTTPHeaders, _ length: Int?) {
        guard let index = index(sequence) else { return }
        metrics.countResponse(status)
        write(index) { exchange, output in
            exchange.writeHead(&output, status, headers, date: loop.dateCache.value(), length: length)
        }
    }

    func write(_ sequence: UInt64, _ bytes: [UInt8]) {
        guard let index = index(sequence) else { return }
        write(index) { exchange, output in exchange.writeBody(&output, bytes) }
    }

    func end(_ sequence: UInt64, _ trailers: HTTPHeaders) {
        guard let index = index(sequence) else { return }
        write(index) { exchange, output in exchange.writeEnd(&output, trailers) }
        answered(index)
    }

    func onGone(_ sequence: UInt64, _ body: @escaping @Sendable () -> Void) {
        guard let index = index(sequence) else { return body() }
        exchanges[index].onGone = body
    }

    func onDrained(_ sequence: UInt64, _ body: @escaping @Sendable () -> Void) {
        guard let index = index(sequence) else { return }
        exchanges[index].onDrained = body
    }

    /// An answer that is held back is congested by as much as it holds; it drains when its turn has come.
    func isCongested(_ sequence: UInt64) -> Bool {
        guard let index = index(sequence) else { return false }
        guard index > 0 else { return connection.isCongested }
        return exchanges[index].held.map { $0.bytes.count > limits.highWaterBytes } ?? false
    }

    /// A stream was given up: what was sent must not look complete.
    func abandon(_ sequence: UInt64) {
        guard index(sequence) != nil else { return }
        connection.close(.finished)
    }

    @inline(__always)
    private func write(_ index: Int, _ body: (inout HTTPExchange, inout ByteQueue) -> Void) {
        if index == 0 {
            guard connection.mayWrite(), !exchanges.isEmpty else { return }
            body(&exchanges[0], &connection.output)
            connection.flushSoon()
        } else {
            // As with what is sent: refused only when the bound is exceeded already, for all that is held together.
            guard heldBytes <= limits.outgoingBytesMax else { return connection.close(.slowReader) }
            let held = exchanges[index].held ?? HTTPExchange.Held()
            exchanges[index].held = held
            let before = held.bytes.count
            body(&exchanges[index], &held.bytes)
            heldBytes += held.bytes.count - before
        }
    }

    /// An answer is complete: those at the head of the line leave, and the next ones take their places.
    private func answered(_ index: Int) {
        guard index == 0 else { return }
        var done = 0
        while done < exchanges.count, exchanges[done].isDone {
            let last = !exchanges[done].keepsAlive
            done += 1
            if last {
                closing = true
                exchanges.removeSubrange(done...)
                break
            }
            guard done < exchanges.count, let held = exchanges[done].held else { continue }
            connection.output.append(held.bytes.bytes)
            heldBytes -= held.bytes.count
            exchanges[done].held = nil
            connection.flushSoon()
            // Who was told to wait while it was held is told to go on when this has left.
            if held.bytes.count > limits.highWaterBytes { _ = connection.isCongested }
        }
        exchanges.removeFirst(done)
        firstSequence += UInt64(done)
        if exchanges.isEmpty { upgrading = false }
        settle()
    }

    // MARK: Upgrade

    func upgrade(
        _ sequence: UInt64, _ lines: HTTPHeaders, _ headers: HTTPHeaders,
        _ onOpen: @escaping @Sendable (WebSocket) -> Void
    ) {
        guard let index = index(sequence) else { return }
        exchanges[index].upgrade = { [self] in
            isUpgraded = true
            metrics.countResponse(101)
            connection.output.append("HTTP/1.1 101 Switching Protocols\r\n")
            connection.output.append(lines.bytes)
            connection.output.append(headers.bytes)
            connection.output.append("\r\n")
            connection.flushSoon()
            let socket = WebSocket(connection, role: .server, limits: limits)
            socket.onEnd = { [server] in server.closed(self) }
            let rest = [UInt8](stash.bytes)
            stash.removeAll()
            deadline?.cancel()
            deadline = nil
            exchanges = []
            connection.resumeReading()
            socket.open(onOpen, rest)
            if peerFinished { socket.connectionPeerFinished(connection) }
        }
        settle()
    }

    /// Hands the connection over when the exchange that asked for it is first in line.
    private func upgradeIfFirst() -> Bool {
        guard let upgrade = exchanges.first?.upgrade else { return false }
        upgrade()
        return true
    }
}
