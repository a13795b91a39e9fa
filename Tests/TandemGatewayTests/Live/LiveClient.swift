import Foundation
import TandemAPI
import TandemTransport
import Testing

/// A WebSocket client that keeps every frame it gets, and waits for those a test expects.
// Safe: what changes is touched under `condition` only; the socket on its loop.
final class LiveClient: @unchecked Sendable {
    private let condition = NSCondition()
    private let loop: EventLoop
    private var socket: WebSocket?
    private var frames: [JSONValue] = []
    private var taken = Set<Int>()
    private var end: WebSocketClose?
    private var failure: String?
    private var agreed: String?

    /// Connects and waits for the welcome, or for the refusal. A page in a browser cannot set headers: it offers the
    /// token as a subprotocol, and its browser says whose page it is.
    init(
        _ centre: Centre, _ target: String, _ token: String?, isReading: Bool = true, isBrowser: Bool = false
    ) throws {
        loop = try EventLoop(name: "live-client")
        loop.start()
        let address = try SocketAddress(host: "127.0.0.1", port: centre.port)
        var headers = HTTPHeaders()
        var subprotocols: [String] = []
        if isBrowser {
            headers.add("Origin", "https://shop.example")
            subprotocols = ["tandem"] + (token.map { ["bearer.\($0)"] } ?? [])
        } else if let token {
            headers.add("Authorization", "Bearer \(token)")
        }
        loop.run { [self, headers, subprotocols] in
            WebSocket.connect(
                on: loop, to: address, target: target, headers: headers, subprotocols: subprotocols
            ) { result in
                switch result {
                case .failure(let error): self.note { self.failure = "\(error)" }
                case .success(let socket):
                    if !isReading { socket.pause() }
                    self.opened(socket)
                }
            }
        }
        wait { self.socket != nil || self.failure != nil }
    }

    deinit {
        // The last to let go may be work on the loop, which cannot wait for itself.
        let loop = loop
        if loop.isCurrent { Thread.detachNewThread { loop.stop() } } else { loop.stop() }
    }

    private func opened(_ socket: WebSocket) {
        socket.onText = { [weak self] bytes in
            let frame = (try? JSONValue(parsing: [UInt8](bytes), depthMax: 50)) ?? .null
            self?.note { self?.frames.append(frame) }
        }
        socket.onClose = { [weak self] close in self?.note { self?.end = close } }
        note {
            self.socket = socket
            agreed = socket.subprotocol
        }
    }

    private func note(_ change: () -> Void) {
        condition.lock()
        change()
        condition.broadcast()
        condition.unlock()
    }

    /// Twenty seconds are far more than anything here takes; a test that waits as long has failed.
    @discardableResult
    private func wait(until isTrue: () -> Bool) -> Bool {
        let deadline = Date().addingTimeInterval(20)
        condition.lock()
        defer { condition.unlock() }
        while !isTrue() {
            if !condition.wait(until: deadline) { return isTrue() }
        }
        return true
    }

    // MARK: What the tests say

    func send(_ text: String) {
        loop.run { [self] in socket?.send(text: text) }
    }

    /// Sends frames in one batch.
    func send(_ frames: [String]) {
        loop.run { [self] in frames.forEach { socket?.send(text: $0) } }
    }

    /// The first frame of this type that fits and was not taken before.
    @discardableResult
    func expect(
        _ type: String, at location: SourceLocation = #_sourceLocation, _ fits: (JSONValue) -> Bool = { _ in true }
    ) throws -> JSONValue {
        var found: JSONValue?
        wait {
            for (place, frame) in frames.enumerated()
            where !taken.contains(place) && frame["type"]?.text == type && fits(frame) {
                taken.insert(place)
                found = frame
                return true
            }
            return end != nil
        }
        return try #require(
            found, "no \(type); got \(all.suffix(12)), end \(String(describing: closed))", sourceLocation: location)
    }

    /// Sends a command and waits for its acknowledgement.
    @discardableResult
    func ask(_ id: String, _ fields: String, at location: SourceLocation = #_sourceLocation) throws -> JSONValue {
        send("{\(fields),\"id\":\"\(id)\"}")
        return try expect("ack", at: location) { $0["id"]?.text == id }
    }

    /// Sends a frame and waits for the error it gets.
    func refused(_ frame: String, at location: SourceLocation = #_sourceLocation) throws -> JSONValue {
        send(frame)
        return try expect("error", at: location)
    }

    func waitForEnd(at location: SourceLocation = #_sourceLocation) throws -> WebSocketClose {
        wait { end != nil }
        return try #require(closed, "still open; got \(all.suffix(12))", sourceLocation: location)
    }

    /// Frames so far, those taken included.
    var all: [JSONValue] {
        condition.lock()
        defer { condition.unlock() }
        return frames
    }

    func all(_ type: String) -> [JSONValue] { all.filter { $0["type"]?.text == type } }

    var closed: WebSocketClose? {
        condition.lock()
        defer { condition.unlock() }
        return end
    }

    /// What both sides agreed on.
    var subprotocol: String? {
        condition.lock()
        defer { condition.unlock() }
        return agreed
    }

    var refusal: String? {
        condition.lock()
        defer { condition.unlock() }
        return failure
    }

    /// What a client resumes from: the highest position it has seen in any frame.
    var position: Int64 {
        all.filter { $0["type"]?.text != "queue" }.compactMap { $0["position"]?.whole }.max() ?? 0
    }

    // MARK: How clients go

    /// Reads no more; the kernels' buffers fill up.
    func stopReading() { loop.run { [self] in socket?.pause() } }
    func readOn() { loop.run { [self] in socket?.resume() } }

    func close() throws {
        loop.run { [self] in socket?.close() }
        _ = try waitForEnd()
    }

    /// The connection is gone without a word.
    func vanish() { loop.stop() }
}

extension Centre {
    func customerLive(_ conversation: String, resume: Int64? = nil, token: String? = nil) throws -> LiveClient {
        let more = resume.map { "&resume=\($0)" } ?? ""
        let client = try LiveClient(
            self, "/v1/live/customer?conversation=\(conversation)\(more)", token ?? customerToken)
        try client.expect("welcome")
        return client
    }

    func agentLive(resume: Int64? = nil) throws -> (LiveClient, welcome: JSONValue) {
        let client = try LiveClient(self, "/v1/live/agent" + (resume.map { "?resume=\($0)" } ?? ""), agentToken)
        return (client, try client.expect("welcome"))
    }

    /// The agent's presence as everybody else sees it, once it is `presence`.
    func expectPresence(_ presence: String, at location: SourceLocation = #_sourceLocation) throws {
        _ = try eventually("/v1/agents/\(agent)", supervisor, at: location) { $0.json["presence"]?.text == presence }
    }

    /// A customer and an agent, both live, in a conversation that is connected.
    func connectLive() throws -> Scene {
        let (agent, _) = try agentLive()
        try agent.ask("p", #""type":"presence","state":"available""#)
        let (conversation, contact) = try openConversation()
        let customer = try customerLive(conversation)
        let offer = try agent.expect("offer")
        let place = #""conversation":"\#(conversation)","contact":"\#(contact)""#
        let id = try #require(offer["offer"]?.text)
        try agent.ask("a", #""type":"accept","offer":"\#(id)",\#(place)"#)
        try agent.expect("contact") { $0["state"]?.text == "connected" }
        return Scene(
            agent: agent, customer: customer, conversation: conversation, contact: contact, place: place, offer: offer)
    }

    struct Scene {
        let agent: LiveClient
        let customer: LiveClient
        let conversation: String
        let contact: String
        /// `"conversation":…,"contact":…`
        let place: String
        let offer: JSONValue
    }
}
