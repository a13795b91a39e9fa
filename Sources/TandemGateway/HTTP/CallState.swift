internal import Foundation
internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemTransport
internal import TandemWire

// What a handler does with the node: hand in a command, look at what is in memory, ask the read model.
extension Call {
    // MARK: Writing

    /// Hands in a command; `then` gets the call back with its answer once that is durable. What is refused is answered
    /// here.
    ///
    /// - Parameter prefix: where in the body the command's own fields are, such as `contact.`
    func submit(
        _ command: Command, prefix: String = "", then: @escaping @Sendable (Call, Answer, UInt64) -> Void
    ) {
        gateway.node.submit(command, key: commandKey) { outcome in
            switch outcome {
            case .answered(let answer, let position): then(self, answer, UInt64(clamping: position.rawValue))
            case .repeated(let answer, let position):
                var again = self
                again.isRepeated = true
                then(again, answer, UInt64(clamping: position.rawValue))
            case .refused(let refusal):
                var problem = Problem(refusal)
                problem.field = refusal.field.map { prefix + FieldNames.written($0) }
                refuse(problem)
            case .busy: refuse(Problem(.busy))
            case .unavailable(.cutOff): refuse(gateway.node.sentOn(.cutOff))
            case .unavailable(let reason): refuse(Problem(ErrorCode(reason)))
            case .unknown: refuse(Problem(.unknownOutcome))
            }
        }
    }

    /// Hands in a command and answers what it did.
    func write(_ command: Command, prefix: String = "") {
        submit(command, prefix: prefix) { call, answer, position in call.written(answer, position) }
    }

    func written(_ answer: Answer, _ position: UInt64) {
        if let contact = answer.contact, answer.actor.kind == .conversation {
            gateway.places.remember(contact, in: ConversationID(raw: answer.actor.raw))
        }
        let body = API.Written(
            id: writtenID(answer), contact: answer.contact, sequence: answer.sequence, version: answer.version,
            position: position)
        var headers = HTTPHeaders.json
        if let version = answer.version { headers.add("ETag", "\"\(version)\"") }
        if route.status == 201, let location = location(of: body) { headers.add("Location", location) }
        self.answer(body, headers: headers)
    }

    /// Where what was made can be read; not everything has a path of its own.
    private func location(of made: API.Written) -> String? {
        let path = route.path.hasSuffix("/contacts") ? "/v1/contacts/" + (made.contact?.description ?? "") : nil
        let location = path ?? request.path + "/" + made.id
        let parts = location.split(separator: "/").map(String.init)
        guard case .found = gateway.table.match(.get, parts) else { return nil }
        return location
    }

    /// Parts of a tenant have identifiers of their own; their kind is the route's to know.
    private func writtenID(_ answer: Answer) -> String {
        guard let part = answer.part else { return answer.actor.text }
        switch route.part {
        case .skill: return SkillID(raw: part).description
        case .calendar: return CalendarID(raw: part).description
        case .routingPolicy: return RoutingPolicyID(raw: part).description
        case .slaPolicy: return SLAPolicyID(raw: part).description
        case .webhook: return WebhookID(raw: part).description
        case .quarantine: return QuarantineID(raw: part).description
        case nil: return answer.actor.text
        }
    }

    /// Where the client gave an idempotency key: its digest with the tenant and the credential, and the request's.
    private var commandKey: CommandKey? {
        guard let caller, let key = request.header("Idempotency-Key") else { return nil }
        let scope = "\(caller.tenant?.raw ?? 0) \(caller.credential.raw) \(key)"
        let name = Digest.sha256(Array(scope.utf8))
        let target = Array("\(route.method.rawValue) \(request.path)?\(request.query ?? "")\n".utf8)
        let body = Digest.sha256(target + request.body)
        return CommandKey(
            high: Self.number(name[0..<8]), low: Self.number(name[8..<16]), body: Self.number(body[0..<8]))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    // MARK: Reading

    /// How old what is read may be, in nanoseconds; nil: it has everything that was committed when it was asked.
    private var staleness: UInt64? { query["stale"].flatMap { UInt64($0) }.map { $0 * 1_000_000_000 } }

    /// Looks at what a partition has in memory, everything committed included.
    func read<R: Sendable>(
        _ partition: UInt16, _ body: @escaping @Sendable (PartitionView) throws(Problem) -> R,
        then: @escaping @Sendable (R) throws(Problem) -> Void
    ) {
        let look: @Sendable (PartitionView) -> Result<R, Problem> = { view in
            Result { () throws(Problem) in try body(view) }
        }
        let release: @Sendable (Result<R, Problem>?) -> Void = { result in
            finish(result ?? .failure(gateway.node.unanswered(partition)), then)
        }
        if let staleness {
            gateway.node.read(partition: partition, notOlderThan: staleness, look, release: release)
        } else {
            gateway.node.read(partition: partition, look, release: release)
        }
    }

    /// Asks the read model, which has seen everything committed by now.
    func query<R: Sendable>(
        _ partition: UInt16, _ body: @escaping @Sendable (StoreReader) throws -> R,
        then: @escaping @Sendable (R) throws(Problem) -> Void
    ) {
        gateway.node.query(partition: partition, notOlderThan: staleness, body) { result in
            switch result {
            case .success(let value): finish(.success(value), then)
            case .failure: refuse(gateway.node.unanswered(partition, .unavailable))
            }
        }
    }

    /// An actor's record as committed, from memory or from the store; what is not there is answered 404.
    func record(_ actor: ActorID, then: @escaping @Sendable (Record) throws(Problem) -> Void) {
        gateway.node.record(actor) { result in
            switch result {
            case .success(let record?): finish(.success(record), then)
            case .success(nil): refuse(Problem(.notFound))
            case .failure: refuse(gateway.node.unanswered(actor.partition, .unavailable))
            }
        }
    }

    private func finish<R>(_ result: Result<R, Problem>, _ then: (R) throws(Problem) -> Void) {
        do throws(Problem) {
            try then(try result.get())
        } catch {
            refuse(error)
        }
    }
}

extension ErrorCode {
    init(_ reason: Unavailable) {
        switch reason {
        case .notLeading: self = .notLeading
        case .cutOff: self = .cutOff
        case .stopping: self = .stopping
        case .diskFull: self = .diskFull
        case .journalFailed: self = .journalFailed
        }
    }
}

/// Core counts channels and tiers; bodies name them.
enum FieldNames {
    static func written(_ field: String) -> String {
        for list in ["channels", "offerTimeouts"] {
            guard field.hasPrefix(list + "["), let end = field.firstIndex(of: "]"),
                let place = Int(field[field.index(field.startIndex, offsetBy: list.count + 1)..<end]),
                Channel.allCases.indices.contains(place)
            else { continue }
            return "\(list).\(Channel.allCases[place].text)\(field[field.index(after: end)...])"
        }
        return field
    }
}
