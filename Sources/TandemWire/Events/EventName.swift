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
    case consultEnded, contactWrapping, contactClosed
    // SLA clock
    case clockActivated, clockPaused, clockResumed, clockWarned, clockBreached, clockFulfilled, clockPolicyApplied
    // Quarantine
    case inputQuarantined, quarantineResolved
    // Webhooks
    case webhookPut, deliveryDue, deliveryResumed, deliveryFailed, deliveryDone

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
        case .consultEnded: 64
        case .clockActivated: 80
        case .clockPaused: 81
        case .clockResumed: 82
        case .clockWarned: 83
        case .clockBreached: 84
        case .clockFulfilled: 85
        case .clockPolicyApplied: 86
        case .inputQuarantined: 95
        case .quarantineResolved: 96
        case .webhookPut: 100
        case .deliveryDue: 101
        case .deliveryResumed: 102
        case .deliveryFailed: 103
        case .deliveryDone: 104
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

    package init(_ event: borrowing Event) { self = event.name }
}

extension Event {
    /// A property lends its value; an initialiser that switched would copy it.
    fileprivate var name: EventName {
        switch self {
        case .tenantCreated: .tenantCreated
        case .tenantChanged: .tenantChanged
        case .skillDefined: .skillDefined
        case .calendarPut: .calendarPut
        case .routingPolicyPut: .routingPolicyPut
        case .slaPolicyPut: .slaPolicyPut
        case .queueCreated: .queueCreated
        case .queueChanged: .queueChanged
        case .agentCreated: .agentCreated
        case .agentChanged: .agentChanged
        case .presenceChanged: .presenceChanged
        case .sessionConnected: .sessionConnected
        case .sessionEnded: .sessionEnded
        case .customerCreated: .customerCreated
        case .customerChanged: .customerChanged
        case .credentialCreated: .credentialCreated
        case .credentialRevoked: .credentialRevoked
        case .conversationOpened: .conversationOpened
        case .conversationReopened: .conversationReopened
        case .messagePosted: .messagePosted
        case .messagesDelivered: .messagesDelivered
        case .messagesRead: .messagesRead
        case .conversationClosed: .conversationClosed
        case .contactCreated: .contactCreated
        case .contactBotStarted: .contactBotStarted
        case .contactQueued: .contactQueued
        case .contactStepped: .contactStepped
        case .contactDeclineExpired: .contactDeclineExpired
        case .contactPriorityChanged: .contactPriorityChanged
        case .offerMade: .offerMade
        case .offerAccepted: .offerAccepted
        case .offerEnded: .offerEnded
        case .contactHeld: .contactHeld
        case .contactResumed: .contactResumed
        case .consultStarted: .consultStarted
        case .consultEnded: .consultEnded
        case .contactWrapping: .contactWrapping
        case .contactClosed: .contactClosed
        case .clockActivated: .clockActivated
        case .clockPaused: .clockPaused
        case .clockResumed: .clockResumed
        case .clockWarned: .clockWarned
        case .clockBreached: .clockBreached
        case .clockFulfilled: .clockFulfilled
        case .clockPolicyApplied: .clockPolicyApplied
        case .inputQuarantined: .inputQuarantined
        case .quarantineResolved: .quarantineResolved
        case .webhookPut: .webhookPut
        case .deliveryDue: .deliveryDue
        case .deliveryResumed: .deliveryResumed
        case .deliveryFailed: .deliveryFailed
        case .deliveryDone: .deliveryDone
        }
    }
}
