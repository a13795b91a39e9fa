package import TandemCore

/// The public name of each kind of event: as its case is called, in the API, on the command line, in SQL.
///
/// Never renamed, because clients switch on it.
package enum EventName: String, CaseIterable, Sendable {
    // Tenant
    case tenantCreated, tenantChanged, skillDefined, calendarPut, routingPolicyPut, slaPolicyPut
    // Queue
    case queueCreated, queueChanged
    // Agent
    case agentCreated, agentChanged, presenceChanged, sessionConnected, sessionEnded
    // Customer, credential
    case customerCreated, customerChanged, credentialCreated, credentialRevoked
    // Conversation
    case conversationOpened, conversationReopened, messagePosted, messagesDelivered, messagesRead, conversationClosed
    // Contact
    case contactCreated, contactBotStarted, contactQueued, contactStepped, contactDeclineExpired
    case contactPriorityChanged, offerMade, offerAccepted, offerEnded, contactHeld, contactResumed, consultStarted
    case contactWrapping, contactClosed
    // SLA clock
    case clockActivated, clockPaused, clockResumed, clockWarned, clockBreached, clockFulfilled
    // Quarantine
    case inputQuarantined, quarantineResolved

    /// The number in bytes and in SQL. Append, never renumber; a number of an event that is gone is not given again.
    package var code: UInt8 {
        switch self {
        case .tenantCreated: 1
        case .tenantChanged: 2
        case .skillDefined: 3
        case .calendarPut: 4
        case .routingPolicyPut: 5
        case .slaPolicyPut: 6
        case .queueCreated: 10
        case .queueChanged: 11
        case .agentCreated: 15
        case .agentChanged: 16
        case .presenceChanged: 17
        case .sessionConnected: 18
        case .sessionEnded: 19
        case .customerCreated: 25
        case .customerChanged: 26
        case .credentialCreated: 27
        case .credentialRevoked: 28
        case .conversationOpened: 35
        case .conversationReopened: 36
        case .messagePosted: 37
        case .messagesDelivered: 38
        case .messagesRead: 39
        case .conversationClosed: 40
        case .contactCreated: 50
        case .contactBotStarted: 51
        case .contactQueued: 52
        case .contactStepped: 53
        case .contactDeclineExpired: 54
        case .contactPriorityChanged: 55
        case .offerMade: 56
        case .offerAccepted: 57
        case .offerEnded: 58
        case .contactHeld: 59
        case .contactResumed: 60
        case .consultStarted: 61
        case .contactWrapping: 62
        case .contactClosed: 63
        case .clockActivated: 80
        case .clockPaused: 81
        case .clockResumed: 82
        case .clockWarned: 83
        case .clockBreached: 84
        case .clockFulfilled: 85
        case .inputQuarantined: 95
        case .quarantineResolved: 96
        }
    }

    private static let byCode: [EventName?] = {
        var names = [EventName?](repeating: nil, count: 256)
        for name in allCases { names[Int(name.code)] = name }
        return names
    }()

    package init?(code: UInt8) {
        guard let name = Self.byCode[Int(code)] else { return nil }
        self = name
    }

    package init(_ event: Event) {
        switch event {
        case .tenantCreated: self = .tenantCreated
        case .tenantChanged: self = .tenantChanged
        case .skillDefined: self = .skillDefined
        case .calendarPut: self = .calendarPut
        case .routingPolicyPut: self = .routingPolicyPut
        case .slaPolicyPut: self = .slaPolicyPut
        case .queueCreated: self = .queueCreated
        case .queueChanged: self = .queueChanged
        case .agentCreated: self = .agentCreated
        case .agentChanged: self = .agentChanged
        case .presenceChanged: self = .presenceChanged
        case .sessionConnected: self = .sessionConnected
        case .sessionEnded: self = .sessionEnded
        case .customerCreated: self = .customerCreated
        case .customerChanged: self = .customerChanged
        case .credentialCreated: self = .credentialCreated
        case .credentialRevoked: self = .credentialRevoked
        case .conversationOpened: self = .conversationOpened
        case .conversationReopened: self = .conversationReopened
        case .messagePosted: self = .messagePosted
        case .messagesDelivered: self = .messagesDelivered
        case .messagesRead: self = .messagesRead
        case .conversationClosed: self = .conversationClosed
        case .contactCreated: self = .contactCreated
        case .contactBotStarted: self = .contactBotStarted
        case .contactQueued: self = .contactQueued
        case .contactStepped: self = .contactStepped
        case .contactDeclineExpired: self = .contactDeclineExpired
        case .contactPriorityChanged: self = .contactPriorityChanged
        case .offerMade: self = .offerMade
        case .offerAccepted: self = .offerAccepted
        case .offerEnded: self = .offerEnded
        case .contactHeld: self = .contactHeld
        case .contactResumed: self = .contactResumed
        case .consultStarted: self = .consultStarted
        case .contactWrapping: self = .contactWrapping
        case .contactClosed: self = .contactClosed
        case .clockActivated: self = .clockActivated
        case .clockPaused: self = .clockPaused
        case .clockResumed: self = .clockResumed
        case .clockWarned: self = .clockWarned
        case .clockBreached: self = .clockBreached
        case .clockFulfilled: self = .clockFulfilled
        case .inputQuarantined: self = .inputQuarantined
        case .quarantineResolved: self = .quarantineResolved
        }
    }
}
