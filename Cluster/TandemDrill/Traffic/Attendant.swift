internal import TandemAPI
internal import TandemTransport

/// An agent: takes what he is offered, answers once, ends, and finishes his wrap-up.
// Safe: touched on the stage's loop only.
final class Attendant: @unchecked Sendable {
    /// How long he takes to read before he answers, and before he ends.
    private static let thoughtMilliseconds: UInt64 = 150

    private let stage: Stage
    private let branch: Branch
    private let process: String
    private let line: LiveLine
    private let outbox: Outbox
    private var isLeaving = false
    /// What he thinks about, by contact, as it was last told: one thing at a time for each.
    private var inMind: [String: Matter] = [:]

    private struct Matter {
        let state: String
        let conversation: String
        let offer: String?
    }

    init(_ stage: Stage, _ branch: Branch, _ person: Branch.Person, place: Int, home: Int) {
        self.stage = stage
        self.branch = branch
        process = "agent-\(branch.number).\(place)"
        line = LiveLine(
            stage, Stream(process: process, kind: .agent, subject: person.id), path: "/v1/live/agent",
            token: person.token, home: home)
        outbox = Outbox(stage, line)
    }

    func start() {
        line.onWelcome = { [self] frame in welcomed(frame) }
        line.onFrame = { [self] frame in heard(frame) }
        line.start()
    }

    /// Says goodbye; what he has not finished stays.
    func close() {
        isLeaving = true
        outbox.close()
        line.stop()
    }

    // MARK: What he hears

    private func welcomed(_ frame: JSONValue) {
        outbox.sendAll()
        beThere(frame["state"]?.text)
        for assignment in frame["assignments"]?.elements ?? [] { take(up: assignment) }
    }

    private func heard(_ frame: JSONValue) {
        if outbox.take(frame) { return }
        switch frame["type"]?.text {
        case "presence": beThere(frame["state"]?.text)
        case "offer": react(to: frame, as: "offered")
        case "contact": take(up: frame)
        default: break  // What the customer writes, and what became of offers.
        }
    }

    private func beThere(_ state: String?) {
        guard state != "available", !isLeaving else { return }
        let id = "\(process).presence.\(stage.recorder.nextNumber())"
        outbox.send("presence", id: id, ",\"state\":\"available\"")
    }

    private func take(up frame: JSONValue) {
        guard let state = frame["state"]?.text else { return }
        react(to: frame, as: state)
    }

    private func react(to frame: JSONValue, as state: String) {
        guard let conversation = frame["conversation"]?.text, let contact = frame["contact"]?.text,
            ["offered", "connected", "wrapping"].contains(state)
        else { return }
        let isNew = inMind[contact] == nil
        inMind[contact] = Matter(state: state, conversation: conversation, offer: frame["offer"]?.text)
        if isNew { think(of: contact) }
    }

    /// What a contact comes to may be told before what was done is acknowledged: that comes first.
    private func think(of contact: String) {
        stage.after(milliseconds: Self.thoughtMilliseconds) { [self] in
            guard !isLeaving else { return }
            if outbox.holds(contact: contact) { return think(of: contact) }
            guard let matter = inMind.removeValue(forKey: contact) else { return }
            switch matter.state {
            case "offered": accept(matter.offer ?? "", matter.conversation, contact)
            case "connected": answer(matter.conversation, contact)
            default: finish(.wrapUp, "wrapup", matter.conversation, contact)
            }
        }
    }

    // MARK: What he does

    private func begun(_ kind: Operation.Kind, _ conversation: String, _ contact: String) -> Operation {
        var operation = stage.operation(kind, of: process, in: branch)
        operation.isContended = true
        operation.conversation = conversation
        operation.contact = contact
        return operation
    }

    private func place(_ conversation: String, _ contact: String) -> String {
        ",\"conversation\":\"\(conversation)\",\"contact\":\"\(contact)\""
    }

    private func accept(_ offer: String, _ conversation: String, _ contact: String) {
        let operation = begun(.accept, conversation, contact)
        outbox.send(
            "accept", id: operation.key, ",\"offer\":\"\(offer)\"" + place(conversation, contact), operation)
    }

    private func answer(_ conversation: String, _ contact: String) {
        let operation = begun(.post, conversation, contact)
        outbox.send(
            "message", id: operation.key, ",\"conversation\":\"\(conversation)\"," + operation.textMember, operation
        ) { [self] _ in finish(.end, "end", conversation, contact) }
    }

    private func finish(_ kind: Operation.Kind, _ type: String, _ conversation: String, _ contact: String) {
        let operation = begun(kind, conversation, contact)
        outbox.send(type, id: operation.key, place(conversation, contact), operation)
    }
}
