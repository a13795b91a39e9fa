import TandemAPI
import TandemCore

/// The demonstration tenant as a test uses it.
struct Demo {
    let daemon: Daemon
    let customer: String
    let supervisor: String
    let `operator`: String
    let administrator: String
    let agents: [String]
    let agentIDs: [String]
    private let sheet: JSONValue

    struct Arrival {
        let conversation: String
        let contact: String
        let live: Live
    }

    init(_ daemon: Daemon) throws {
        self.daemon = daemon
        sheet = try daemon.demo()
        customer = sheet["customer"]?.text ?? ""
        supervisor = sheet["supervisor"]?.text ?? ""
        `operator` = sheet["operator"]?.text ?? ""
        administrator = sheet["administrator"]?.text ?? ""
        agents = sheet["agents"]?.elements?.compactMap(\.text) ?? []
        agentIDs = sheet["agentIDs"]?.elements?.compactMap(\.text) ?? []
    }

    /// What opens a conversation by chat.
    func opening(_ name: String) -> String { "{\"contact\":{\"channel\":\"chat\",\"queue\":\"\(queue(name))\"}}" }

    func queue(_ name: String) -> String { sheet["queues"]?[name]?.text ?? "" }

    /// The one where the demonstration's tenant lives.
    var partition: Int64 { Int64(TenantID(sheet["tenant"]?.text ?? "")?.partition ?? 0) }

    /// A customer opens a conversation and follows it.
    func arrive(_ queue: String, token: String) throws -> Arrival {
        let answer = try daemon.call(
            "POST", "/v1/conversations", token: token, body: opening(queue))
        guard let conversation = answer["id"]?.text, let contact = answer["contact"]?.text else {
            throw Daemon.Trouble(description: "no conversation in \(answer)")
        }
        let live = try Live(daemon, "/v1/live/customer?conversation=\(conversation)", token: token)
        return Arrival(conversation: conversation, contact: contact, live: live)
    }

    /// Some fields of a frame, as another frame carries them.
    func fields(_ frame: JSONValue, _ names: String...) -> String {
        names.map { "\"\($0)\":\"\(frame[$0]?.text ?? "")\"" }.joined(separator: ",")
    }

    /// Texts by their number.
    func transcript(_ conversation: String) throws -> [Int64: String] {
        var texts: [Int64: String] = [:]
        for item in try daemon.items("/v1/conversations/\(conversation)/transcript", token: supervisor) {
            guard let number = item["sequence"]?.whole, let text = item["text"]?.text else { continue }
            if texts.updateValue(text, forKey: number) != nil {
                throw Daemon.Trouble(description: "number \(number) is there twice")
            }
        }
        return texts
    }
}
