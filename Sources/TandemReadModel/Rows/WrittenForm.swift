package import TandemCore

extension ActorID {
    /// As it is written in rows; of the quarantine `quarantine`.
    package var written: String { kind == .quarantine ? "quarantine" : text }
}

extension Party {
    /// The number in `event.author_kind`: append, never renumber.
    var code: Int64 {
        switch self {
        case .system: 0
        case .bot: 1
        case .customer: 2
        case .agent: 3
        case .staff: 4
        }
    }

    /// The raw identifier in `event.author`; 0 where there is none.
    var raw: UInt64 {
        switch self {
        case .system, .bot: 0
        case .customer(let id): id.raw
        case .agent(let id): id.raw
        case .staff(let id): id.raw
        }
    }
}

extension Presence {
    /// The number in rows: append, never renumber.
    var code: Int64 {
        switch self {
        case .loggedOut: 0
        case .available: 1
        case .onBreak: 2
        case .notResponding: 3
        case .offline: 4
        }
    }

    var breakCode: String? {
        if case .onBreak(let code) = self { return code.text }
        return nil
    }

    var offlineUntil: Timestamp? {
        if case .offline(let until) = self { return until }
        return nil
    }

    init?(code: Int64, breakCode: String?, offlineUntil: Timestamp?) {
        switch code {
        case 0: self = .loggedOut
        case 1: self = .available
        case 2: self = .onBreak(BreakCode(breakCode ?? ""))
        case 3: self = .notResponding
        case 4: self = .offline(until: offlineUntil ?? .distantFuture)
        default: return nil
        }
    }

    /// The words of `code`, in its order.
    static let words = ["loggedOut", "available", "onBreak", "notResponding", "offline"]
}
