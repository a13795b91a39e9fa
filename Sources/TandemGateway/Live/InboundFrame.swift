internal import TandemAPI
internal import TandemCore

/// One message of a client, read and checked: its type, and the fields that came with it.
struct InboundFrame {
    enum Kind: String {
        case message, read, delivered, typing, position, leave, ping
        case presence, accept, reject, hold, resume, transfer, consult, completeConsult, endConsult, end, wrapup
    }

    struct Fields: OptionSet {
        let rawValue: UInt16
        static let text = Fields(rawValue: 1)
        static let upTo = Fields(rawValue: 1 << 1)
        static let conversation = Fields(rawValue: 1 << 2)
        static let contact = Fields(rawValue: 1 << 3)
        static let offer = Fields(rawValue: 1 << 4)
        static let queue = Fields(rawValue: 1 << 5)
        static let agent = Fields(rawValue: 1 << 6)
        static let state = Fields(rawValue: 1 << 7)
        static let code = Fields(rawValue: 1 << 8)
        static let disposition = Fields(rawValue: 1 << 9)
        static let id = Fields(rawValue: 1 << 10)

        static let names: [(Fields, String)] = [
            (.id, "id"), (.text, "text"), (.upTo, "upTo"), (.conversation, "conversation"), (.contact, "contact"),
            (.offer, "offer"), (.queue, "queue"), (.agent, "agent"), (.state, "state"), (.code, "code"),
            (.disposition, "disposition"),
        ]

        /// The first of them, as it is written.
        var name: String { Self.names.first { contains($0.0) }?.1 ?? "" }
    }

    private(set) var kind = Kind.ping
    /// Known also of a frame that turns out to be bad further on.
    private(set) var id: String?
    private(set) var text = ""
    private(set) var upTo: UInt64 = 0
    private(set) var conversation = ConversationID(raw: 0)
    private(set) var contact = ContactID(raw: 0)
    private(set) var offer = OfferID(raw: 0)
    private(set) var queue: QueueID?
    private(set) var agent: AgentID?
    private(set) var state = ""
    private(set) var code: String?
    private(set) var disposition: String?
    private var present: Fields = []

    /// Reads one message; `id` is set as far as it came, whatever follows.
    ///
    /// - Throws: `malformedJSON`, `unknownField`, `missingField`, `invalid`.
    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
        var reader = JSONReader([UInt8](bytes), depthMax: 1)
        var kindText: String?
        var last: String?
        do throws(JSONError) {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                last = key
                if key == "type" {
                    guard kindText == nil else { throw reader.error(.duplicateKey(key)) }
                    kindText = try reader.string()
                } else {
                    try read(key, &reader)
                }
            }
            try reader.finish()
        } catch {
            throw Self.problem(error, at: last)
        }
        guard let kindText else { throw Problem(.missingField, field: "type") }
        guard let kind = Kind(rawValue: kindText) else {
            throw Problem(.invalid, field: "type", detail: "There is no such frame.")
        }
        self.kind = kind
        try check()
    }

    private mutating func read(_ key: String, _ reader: inout JSONReader) throws(JSONError) {
        let field: Fields
        switch key {
        case "id":
            field = .id
            id = try reader.string()
        case "text":
            field = .text
            text = try reader.string()
        case "conversation":
            field = .conversation
            conversation = ConversationID(try reader.string()) ?? conversation
        case "upTo":
            field = .upTo
            upTo = try reader.integer(as: UInt64.self)
        case "contact":
            field = .contact
            contact = ContactID(try reader.string()) ?? contact
        case "offer":
            field = .offer
            offer = OfferID(try reader.string()) ?? offer
        case "queue":
            field = .queue
            queue = QueueID(try reader.string()) ?? QueueID(raw: 0)
        case "agent":
            field = .agent
            agent = AgentID(try reader.string()) ?? AgentID(raw: 0)
        case "state":
            field = .state
            state = try reader.string()
        case "code":
            field = .code
            code = try reader.string()
        case "disposition":
            field = .disposition
            disposition = try reader.string()
        default: throw reader.unknown(key)
        }
        guard present.isDisjoint(with: field) else { throw reader.error(.duplicateKey(key)) }
        present.insert(field)
    }

    /// What stands there must be well formed; zero is what no identifier is.
    private func check() throws(Problem) {
        if let id, id.isEmpty || id.utf8.count > Limits.externalIDBytesMax {
            throw Problem(.invalid, field: "id", detail: "1 to \(Limits.externalIDBytesMax) bytes.")
        }
        if present.contains(.conversation), conversation.raw == 0 { throw Self.malformed("conversation") }
        if present.contains(.contact), contact.raw == 0 { throw Self.malformed("contact") }
        if present.contains(.offer), offer.raw == 0 { throw Self.malformed("offer") }
        if let queue, queue.raw == 0 { throw Self.malformed("queue") }
        if let agent, agent.raw == 0 { throw Self.malformed("agent") }
    }

    /// Every field of `needed` must have come, and none that is in neither list: what is ignored is not said.
    func expect(_ needed: Fields, or optional: Fields = []) throws(Problem) {
        guard present.isSuperset(of: needed) else {
            throw Problem(.missingField, field: needed.subtracting(present).name)
        }
        let extra = present.subtracting(needed.union(optional).union(.id))
        guard extra.isEmpty else { throw Problem(.unknownField, field: extra.name) }
    }

    private static func malformed(_ field: String) -> Problem {
        Problem(.invalid, field: field, detail: "This is no such identifier.")
    }

    private static func problem(_ error: JSONError, at field: String?) -> Problem {
        switch error.reason {
        case .unknownKey(let key): Problem(.unknownField, field: key)
        case .duplicateKey(let key): Problem(.invalid, field: key, detail: "It stands there twice.")
        case .wrongType, .numberOutOfRange: Problem(.invalid, field: field, detail: error.description)
        case .unexpectedEnd, .unexpectedByte, .trailingBytes, .badEscape, .badUTF8, .loneSurrogate,
            .controlCharacter, .badNumber, .tooDeep:
            Problem(.malformedJSON, detail: error.description)
        }
    }
}
