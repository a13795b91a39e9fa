package import TandemCore

extension Refusal: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(code)
        writer.write(field)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(reader.read(), field: reader.read())
    }
}

extension Refusal.Code: WireValue {
    /// Append, never renumber.
    private var number: UInt8 {
        switch self {
        case .notFound: 0
        case .alreadyExists: 1
        case .invalid: 2
        case .limitExceeded: 3
        case .notAllowed: 4
        case .conversationClosed: 5
        case .contactNotFound: 6
        case .contactClosed: 7
        case .contactNotWaiting: 8
        case .contactNotConnected: 9
        case .contactNotHeld: 10
        case .contactNotWrapping: 11
        case .contactAlreadyOpen: 12
        case .contactHasNoBot: 13
        case .offerNotFound: 14
        case .offerAlreadyAnswered: 15
        case .offerNotYours: 16
        case .agentLoggedOut: 17
        case .agentNotAvailable: 18
        case .agentBusy: 19
        case .agentHasContacts: 20
        case .agentOverCapacity: 21
        case .agentNotHandling: 22
        case .consultNotFound: 23
        case .consultAlreadyOpen: 24
        case .consultNotAnswered: 25
        case .credentialRevoked: 26
        case .credentialExpired: 27
        case .versionConflict: 28
        case .idempotencyKeyReused: 29
        case .quarantined: 30
        }
    }

    private static let byNumber: [Self?] = {
        var codes = [Self?](repeating: nil, count: 256)
        for code in allCases { codes[Int(code.number)] = code }
        return codes
    }()

    package func write(to writer: inout WireWriter) { writer.writeByte(number) }
    package init(from reader: inout WireReader) throws(WireError) {
        let number = try reader.readByte()
        guard let code = Self.byNumber[Int(number)] else { throw .badTag(type: "Refusal.Code", value: number) }
        self = code
    }
}
