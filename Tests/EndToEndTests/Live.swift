import Foundation
import TandemAPI
import TandemTransport

/// A live session as a test holds it: it sends frames and waits for those it wants.
// Safe: `frames` and `closed` are under `condition`; the socket is only posted to.
final class Live: @unchecked Sendable {
    private let loop: EventLoop
    private let condition = NSCondition()
    private var socket: WebSocket?
    private var frames: [JSONValue] = []
    /// How far each type of frame has been read.
    private var seen: [String: Int] = [:]
    private var closed: String?
    /// Answers by the id they answer, and how far the frames were looked through for them.
    private var answers: [String: JSONValue] = [:]
    private var answered = 0
    private var number = 0

    /// Connects and waits for the welcome.
    init(_ daemon: Daemon, _ path: String, token: String) throws {
        loop = try EventLoop(name: "live")
        loop.start()
        let address = try SocketAddress(host: "127.0.0.1", port: daemon.port)
        let headers: HTTPHeaders = ["Authorization": "Bearer \(token)"]
        loop.run { [self] in
            WebSocket.connect(on: loop, to: address, target: path, headers: headers) { [self] result in
                switch result {
                case .failure(let error): end("\(error)")
                case .success(let socket):
                    self.socket = socket
                    socket.onText = { [self] bytes in take(Array(bytes)) }
                    socket.onClose = { [self] close in end("\(close.code) \(close.reason)") }
                }
            }
        }
        _ = try wait("welcome")
    }

    deinit {
        // The last to let go may be work on the loop, which cannot wait for itself.
        let loop = loop
        if loop.isCurrent { Thread.detachNewThread { loop.stop() } } else { loop.stop() }
    }

    private func take(_ bytes: [UInt8]) {
        condition.lock()
        if let frame = try? JSONValue(parsing: bytes) { frames.append(frame) }
        condition.broadcast()
        condition.unlock()
    }

    private func end(_ why: String) {
        condition.lock()
        closed = why
        condition.broadcast()
        condition.unlock()
    }

    /// The next frame of a type that also satisfies `wanted`; earlier ones of its type are passed over.
    @discardableResult
    func wait(
        _ type: String, seconds: Double = 60, where wanted: (JSONValue) -> Bool = { _ in true }
    ) throws -> JSONValue {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while true {
            for place in frames.indices.dropFirst(seen[type] ?? 0)
            where frames[place]["type"]?.text == type && wanted(frames[place]) {
                seen[type] = place + 1
                return frames[place]
            }
            if let closed {
                throw Daemon.Trouble(description: "closed (\(closed)) before \(type); had \(frames.suffix(4))")
            }
            guard condition.wait(until: deadline) else {
                throw Daemon.Trouble(description: "no \(type) in \(seconds) s; had \(frames.suffix(6))")
            }
        }
    }

    /// The acknowledgement or the error that a frame was answered with.
    func wait(forAnswerTo id: String, seconds: Double = 60) throws -> JSONValue {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while true {
            while answered < frames.count {
                let frame = frames[answered]
                answered += 1
                if let type = frame["type"]?.text, type == "ack" || type == "error", let id = frame["id"]?.text {
                    answers[id] = frame
                }
            }
            if let answer = answers[id] { return answer }
            guard closed == nil, condition.wait(until: deadline) else {
                throw Daemon.Trouble(description: "no answer to \(id), closed: \(closed ?? "no")")
            }
        }
    }

    /// Asks whether the other side is there.
    func ping() throws -> JSONValue {
        let id = post("ping")
        return try wait("pong") { $0["id"]?.text == id }
    }

    /// How it ended, once it has.
    func waitForEnd(seconds: Double = 60) throws -> String {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let closed { return closed }
            guard condition.wait(until: deadline) else { throw Daemon.Trouble(description: "still open") }
        }
    }

    /// Reads no more, and then again: what waits in between fills the buffers of both systems.
    func stopReading() { loop.run { [self] in socket?.pause() } }
    func goOnReading() { loop.run { [self] in socket?.resume() } }

    /// Everything that came so far.
    var all: [JSONValue] {
        condition.lock()
        defer { condition.unlock() }
        return frames
    }

    /// Sends a frame and waits until it is acknowledged, which is when it is durable.
    @discardableResult
    func ask(_ type: String, _ fields: String = "") throws -> JSONValue {
        let id = post(type, fields)
        return try wait("ack") { $0["id"]?.text == id }
    }

    /// Sends a message under an id that was used before, and waits for its acknowledgement.
    func askAgain(_ id: String, _ fields: String) throws -> JSONValue {
        let frame = "{\"type\":\"message\",\"id\":\"\(id)\",\(fields)}"
        loop.run { [self] in socket?.send(text: frame) }
        return try wait("ack") { $0["id"]?.text == id }
    }

    /// Sends a frame; returns its id.
    @discardableResult
    func post(_ type: String, _ fields: String = "") -> String {
        number += 1
        let id = "\(type)-\(number)-\(UInt32.random(in: 0 ... .max))"
        let frame = "{\"type\":\"\(type)\",\"id\":\"\(id)\"\(fields.isEmpty ? "" : "," + fields)}"
        loop.run { [self] in socket?.send(text: frame) }
        return id
    }

    /// Breaks the connection without a word.
    func close() {
        loop.run { [self] in socket?.close() }
    }
}
