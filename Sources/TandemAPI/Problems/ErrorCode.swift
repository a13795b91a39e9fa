package import TandemCore

/// The codes of problem documents: stable, clients switch on them. Core's refusals keep their names; the rest are the
/// edge's own. `Docs/Errors.md` has a section for each, under the same name.
package enum ErrorCode: String, CaseIterable, Codable, Sendable {
    // Refused by the contact centre.
    case notFound, alreadyExists, invalid, limitExceeded, notAllowed
    case conversationClosed, contactNotFound, contactClosed, contactNotWaiting, contactNotConnected
    case contactNotHeld, contactNotWrapping, contactAlreadyOpen, contactHasNoBot
    case offerNotFound, offerAlreadyAnswered, offerNotYours
    case agentLoggedOut, agentNotAvailable, agentBusy, agentHasContacts, agentOverCapacity, agentNotHandling
    case consultNotFound, consultAlreadyOpen, consultNotAnswered
    case credentialRevoked, credentialExpired
    case versionConflict, idempotencyKeyReused, quarantined
    // Refused by the cluster.
    case majorityAtRisk, nodeMayNotLead, nodeNotReachable, formatNotRead
    // Refused at the edge.
    case unauthenticated, forbidden
    case malformedJSON, unsupportedMediaType, missingField, unknownField, unknownParameter
    case methodNotAllowed, upgradeRequired
    case preconditionMalformed, idempotencyKeyMalformed
    // Not carried out, or not known to be.
    case busy, notLeading, cutOff, draining, stopping, diskFull, journalFailed, unavailable, unknownOutcome
    case internalError

    package init(_ code: Refusal.Code) {
        // Safe: a test compares both lists; a code that is missing here is a defect of ours, not of the caller.
        self = ErrorCode(rawValue: code.rawValue) ?? .internalError
    }

    /// The HTTP status a problem of this code has.
    package var status: Int {
        switch self {
        case .invalid, .malformedJSON, .missingField, .unknownField, .unknownParameter, .preconditionMalformed,
            .idempotencyKeyMalformed, .limitExceeded:
            400
        case .unauthenticated, .credentialRevoked, .credentialExpired: 401
        case .forbidden, .notAllowed, .offerNotYours, .agentNotHandling: 403
        case .notFound, .contactNotFound, .offerNotFound, .consultNotFound: 404
        case .methodNotAllowed: 405
        case .alreadyExists, .conversationClosed, .contactClosed, .contactNotWaiting, .contactNotConnected,
            .contactNotHeld, .contactNotWrapping, .contactAlreadyOpen, .contactHasNoBot, .offerAlreadyAnswered,
            .agentLoggedOut, .agentNotAvailable, .agentBusy, .agentHasContacts, .agentOverCapacity,
            .consultAlreadyOpen, .consultNotAnswered, .quarantined, .majorityAtRisk, .nodeMayNotLead, .nodeNotReachable,
            .formatNotRead:
            409
        case .versionConflict: 412
        case .unsupportedMediaType: 415
        case .idempotencyKeyReused: 422
        case .upgradeRequired: 426
        case .internalError: 500
        case .busy, .notLeading, .cutOff, .draining, .stopping, .diskFull, .journalFailed, .unavailable: 503
        case .unknownOutcome: 504
        }
    }

    /// What the caller should do next is told in one line; nil where trying again does not help.
    package var retryAfterSeconds: Int? {
        switch self {
        case .busy, .notLeading, .unavailable: 1
        case .cutOff, .draining, .stopping: 5
        case .diskFull, .journalFailed: 30
        default: nil
        }
    }
}
