package import TandemCore

/// The public name of each kind of command: in the API, on the command line, in `journal tail`.
///
/// Never renamed. A case that is called alike in several families carries its family's noun (`createQueue`).
package enum CommandName: String, CaseIterable, Sendable {
    case createTenant, changeTenant, defineSkill, putCalendar, putRoutingPolicy, putSLAPolicy, putWebhook
    case createQueue, changeQueue
    case createAgent, changeAgent, setPresence, connectSession, loseSession, closeSession
    case createCustomer, changeCustomer
    case createCredential, revokeCredential
    case quarantineInput, resolveQuarantine
    case reportDelivery
    case openConversation, startContact, postMessage, markDelivered, markRead, closeConversation
    case followPolicies, applyPolicy
    case handOver, abandon, acceptOffer, rejectOffer, hold, resume, transfer, startConsult, completeTransfer
    case endConsult, end, finishWrapUp, requeue, assign, forceClose, setPriority, agentLost, offerVoid

    /// The number in journal entries and in SQL. Append, never renumber.
    package var code: UInt8 {
        switch self {
        case .createTenant: 1
        case .changeTenant: 2
        case .defineSkill: 3
        case .putCalendar: 4
        case .putRoutingPolicy: 5
        case .putSLAPolicy: 6
        case .putWebhook: 7
        case .createQueue: 10
        case .changeQueue: 11
        case .createAgent: 15
        case .changeAgent: 16
        case .setPresence: 17
        case .connectSession: 18
        case .loseSession: 19
        case .closeSession: 20
        case .createCustomer: 25
        case .changeCustomer: 26
        case .createCredential: 30
        case .revokeCredential: 31
        case .quarantineInput: 35
        case .resolveQuarantine: 36
        case .reportDelivery: 70
        case .openConversation: 40
        case .startContact: 41
        case .postMessage: 42
        case .markDelivered: 43
        case .markRead: 44
        case .closeConversation: 45
        case .followPolicies: 46
        case .applyPolicy: 47
        case .handOver: 50
        case .abandon: 51
        case .acceptOffer: 52
        case .rejectOffer: 53
        case .hold: 54
        case .resume: 55
        case .transfer: 56
        case .startConsult: 57
        case .completeTransfer: 58
        case .endConsult: 59
        case .end: 60
        case .finishWrapUp: 61
        case .requeue: 62
        case .assign: 63
        case .forceClose: 64
        case .setPriority: 65
        case .agentLost: 66
        case .offerVoid: 67
        }
    }

    private static let byCode: [CommandName?] = {
        var names = [CommandName?](repeating: nil, count: 256)
        for name in allCases { names[Int(name.code)] = name }
        return names
    }()

    package init?(code: UInt8) {
        guard let name = Self.byCode[Int(code)] else { return nil }
        self = name
    }

    package init(_ command: borrowing Command) { self = command.name }
}

extension Command {
    /// A property lends its value; an initialiser that switched would copy it.
    fileprivate var name: CommandName {
        switch self {
        case .tenant(_, let command): command.name
        case .queue(_, let command): command.name
        case .agent(_, let command): command.name
        case .customer(_, let command): command.name
        case .conversation(_, let command): command.name
        case .credential(_, let command): command.name
        case .quarantine(let command): command.name
        case .delivery(_, .report): .reportDelivery
        }
    }
}

extension TenantCommand {
    fileprivate var name: CommandName {
        switch self {
        case .create: .createTenant
        case .change: .changeTenant
        case .defineSkill: .defineSkill
        case .putCalendar: .putCalendar
        case .putRoutingPolicy: .putRoutingPolicy
        case .putSLAPolicy: .putSLAPolicy
        case .putWebhook: .putWebhook
        }
    }
}

extension QueueCommand {
    fileprivate var name: CommandName {
        switch self {
        case .create: .createQueue
        case .change: .changeQueue
        }
    }
}

extension AgentCommand {
    fileprivate var name: CommandName {
        switch self {
        case .create: .createAgent
        case .change: .changeAgent
        case .setPresence: .setPresence
        case .connectSession: .connectSession
        case .loseSession: .loseSession
        case .closeSession: .closeSession
        }
    }
}

extension CustomerCommand {
    fileprivate var name: CommandName {
        switch self {
        case .create: .createCustomer
        case .change: .changeCustomer
        }
    }
}

extension CredentialCommand {
    fileprivate var name: CommandName {
        switch self {
        case .create: .createCredential
        case .revoke: .revokeCredential
        }
    }
}

extension QuarantineCommand {
    fileprivate var name: CommandName {
        switch self {
        case .add: .quarantineInput
        case .resolve: .resolveQuarantine
        }
    }
}

extension ConversationCommand {
    fileprivate var name: CommandName {
        switch self {
        case .open: .openConversation
        case .startContact: .startContact
        case .postMessage: .postMessage
        case .markDelivered: .markDelivered
        case .markRead: .markRead
        case .close: .closeConversation
        case .followPolicies: .followPolicies
        case .applyPolicy: .applyPolicy
        case .contact(_, let command): command.name
        }
    }
}

extension ContactCommand {
    fileprivate var name: CommandName {
        switch self {
        case .handOver: .handOver
        case .abandon: .abandon
        case .acceptOffer: .acceptOffer
        case .rejectOffer: .rejectOffer
        case .hold: .hold
        case .resume: .resume
        case .transfer: .transfer
        case .startConsult: .startConsult
        case .completeTransfer: .completeTransfer
        case .endConsult: .endConsult
        case .end: .end
        case .finishWrapUp: .finishWrapUp
        case .requeue: .requeue
        case .assign: .assign
        case .forceClose: .forceClose
        case .setPriority: .setPriority
        case .agentLost: .agentLost
        case .offerVoid: .offerVoid
        }
    }
}
