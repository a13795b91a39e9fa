internal import TandemAPI
internal import TandemCore
internal import TandemTransport

/// A live session that comes back: cut off, it goes to the next node and resumes behind what it has seen.
///
///     away ── connect ──▶ opening ── welcome ──▶ there ── lost ──▶ away
///       └───────────── stop: from any state ─────────▶ stopped
// Safe: touched on the stage's loop only.
final class LiveLine: @unchecked Sendable {
    private enum State { case away, opening, there, stopped }

    private let stage: Stage
    private let path: String
    private let token: String
    private(set) var node: Int
    private(set) var stream: Stream
    private var state = State.away
    private var socket: WebSocket?
    private var position: Int64 = 0
    private var connection = 0
    private var failures = 0

    /// The session begins, or begins again; is given the welcome.
    var onWelcome: ((JSONValue) -> Void)?
    /// Each frame after it.
    var onFrame: ((JSONValue) -> Void)?
    var onLost: (() -> Void)?

    /// - Parameter path: with its query; `resume` is added
    init(_ stage: Stage, _ stream: Stream, path: String, token: String, home: Int) {
        self.stage = stage
        self.stream = stream
        self.path = path
        self.token = token
        node = home % stage.addresses.count
    }

    var isThere: Bool { state == .there }

    func start() { connect() }

    func send(_ text: String) { socket?.send(text: text) }

    /// Breaks off, to try another node: this one answers and does nothing.
    func moveOn() {
        stage.recorder.addMove()
        socket?.close()
    }

    /// Says goodbye, or breaks off if there is nobody to say it to.
    func stop() {
        guard state != .stopped else { return }
        state = .stopped
        let socket = self.socket
        self.socket = nil
        onWelcome = nil
        onFrame = nil
        onLost = nil
        socket?.close()
        stage.recorder.add(stream)
    }

    // MARK: Coming and going

    private func connect() {
        guard state == .away else { return }
        state = .opening
        var limits = Limits()
        limits.connectMilliseconds = 2_000
        // A node that is stopped or cut off says nothing: the client notices before its user does.
        limits.pingMilliseconds = 1_000
        limits.pongMilliseconds = 1_500
        let target = path + (path.contains("?") ? "&" : "?") + "resume=\(position)"
        WebSocket.connect(
            on: stage.loop, to: stage.addresses[node], target: target,
            headers: ["Authorization": "Bearer \(token)"], limits: limits
        ) { [self] result in
            switch result {
            case .failure: lost(nil)
            case .success(let socket):
                guard state == .opening else { return socket.close() }
                self.socket = socket
                connection += 1
                socket.onText = { [self] bytes in received(Array(bytes)) }
                socket.onClose = { [self] close in lost(close) }
            }
        }
    }

    private func lost(_ close: WebSocketClose?) {
        guard state != .stopped else { return }
        if let close, [4_400, 4_401, 1_003, 1_008].contains(close.code) {
            stream.complaints.append("node \(node + 1) closed with \(close.code), \(close.reason), behind \(position)")
        }
        socket = nil
        let wasThere = state == .there
        state = .away
        failures = wasThere ? 0 : failures + 1
        node = (node + 1) % stage.addresses.count
        if wasThere { onLost?() }
        // The first time at once: that another node takes over without a pause is what it is for.
        stage.after(milliseconds: min(UInt64(failures) * 50, 500)) { [weak self] in self?.connect() }
    }

    // MARK: Frames

    private func received(_ bytes: [UInt8]) {
        guard state == .opening || state == .there else { return }
        guard let frame = try? JSONValue(parsing: bytes), let type = frame["type"]?.text else {
            return stream.complaints.append("a frame that is no JSON object with a type")
        }
        if state == .opening {
            guard type == "welcome" else { return refused(frame, type) }
            state = .there
            onWelcome?(frame)
            return
        }
        if let position = frame["position"]?.whole, type != "queue" { take(frame, type, position) }
        onFrame?(frame)
    }

    /// Errors tell why a session may not begin, or must wait; the close that follows says the rest.
    private func refused(_ frame: JSONValue, _ type: String) {
        guard type == "error" || type == "reconnect" else {
            return stream.complaints.append("\(type) came before the welcome")
        }
    }

    private func take(_ frame: JSONValue, _ type: String, _ position: Int64) {
        self.position = max(self.position, position)
        let kind: Seen.Kind =
            switch type {
            case "message", "messagePosted": .message
            case "ack": .ack
            case "offerMade": .offerMade
            case "offerAccepted": .offerAccepted
            case "offerEnded": stream.kind == .tenant ? .offerEnded : .other
            case "contactQueued": .contactQueued
            case "contactClosed": .contactClosed
            case "clockBreached": .clockBreached
            default: .other
            }
        let subject = stream.kind == .conversation ? stream.subject : frame["conversation"]?.text
        var seen = Seen(
            kind, connection: connection, position: position, conversation: subject,
            sequence: frame["sequence"]?.whole, text: frame["text"]?.text, contact: frame["contact"]?.text,
            agent: frame["agent"]?.text)
        seen.time = frame["time"]?.text.flatMap(TimestampText.parse)?.milliseconds
        seen.told = EventLoop.monotonicNanoseconds()
        stream.seen.append(seen)
    }
}
