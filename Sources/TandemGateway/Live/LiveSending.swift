internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemTransport

// What a session's client is sent.
extension LiveSession {
    func send(
        _ type: StaticString, at position: EventPosition? = nil, fields: (inout JSONWriter) -> Void = { _ in }
    ) {
        guard phase != .ended else { return }
        writer.reset()
        writer.beginObject()
        writer.field("type", word: type)
        if let position { writer.field("position", position.rawValue) }
        fields(&writer)
        writer.endObject()
        socket.send(text: writer.bytes)
    }

    /// A frame that tells of an event.
    func send(_ type: StaticString, _ event: CommittedEvent, fields: (inout JSONWriter) -> Void) {
        send(type, at: event.position) { writer in
            writer.field("time", event.time)
            fields(&writer)
        }
    }

    /// An event as the API writes it.
    func sendWhole(_ event: CommittedEvent) {
        guard phase != .ended else { return }
        writer.reset()
        writer.event(event.event, position: UInt64(clamping: event.position.rawValue), time: event.time)
        socket.send(text: writer.bytes)
    }

    func tell(_ problem: Problem, id: String?) {
        send("error") { writer in
            writer.field("id", ifPresent: id)
            writer.field("code", problem.code.rawValue)
            writer.field("field", ifPresent: problem.field)
            writer.field("detail", problem.detail ?? problem.title)
        }
    }
}
