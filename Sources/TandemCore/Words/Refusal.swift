/// Why a command was not carried out; nothing has changed.
package struct Refusal: Error, Hashable, Sendable {
    /// Stable: clients switch on its name. Raw values are journaled and sent: append, never rename.
    package enum Code: String, CaseIterable, Sendable {
        case notFound, alreadyExists, invalid, limitExceeded, notAllowed
        case conversationClosed, contactNotFound, contactClosed, contactNotWaiting, contactNotConnected
        case contactNotHeld, contactNotWrapping, contactAlreadyOpen, contactHasNoBot
        case offerNotFound, offerAlreadyAnswered, offerNotYours
        case agentLoggedOut, agentNotAvailable, agentBusy, agentHasContacts, agentOverCapacity, agentNotHandling
        case consultNotFound, consultAlreadyOpen, consultNotAnswered
        case credentialRevoked, credentialExpired
        case versionConflict, idempotencyKeyReused, quarantined
    }
    package let code: Code
    /// The offending field, as the API names it, where there is one.
    package let field: String?

    package init(_ code: Code, field: String? = nil) {
        self.code = code
        self.field = field
    }
}

/// A machine found its own invariant broken: the turn is undone, and the defect is ours.
package struct InvariantBroken: Error, Hashable, Sendable {
    package let what: String
    package init(_ what: String) { self.what = what }
}

/// What `decide` may throw.
package enum DecideError: Error, Hashable, Sendable {
    case refused(Refusal)
    case invariantBroken(InvariantBroken)

    package static func refuse(_ code: Refusal.Code, field: String? = nil) -> Self {
        .refused(Refusal(code, field: field))
    }
}
