package import TandemCore

/// How far a role may go with an operation. What a credential's tenant leaves out is out of reach whatever stands here.
package enum Reach: Sendable, Hashable {
    case none
    /// What is the caller's own: a customer's conversations; the contacts an agent handles or is offered, and himself.
    case own
    /// Everything of the credential's tenant; of every tenant where it has none.
    case tenant
    /// Only with a credential that stands above tenants.
    case node
}

/// What can be asked of the API, as far as rights tell things apart.
package enum Operation: String, CaseIterable, Sendable {
    /// No token is asked for.
    case open
    case createTenant, readTenants, readSettings, writeSettings
    case readAgents, writeAgents, setPresence, readIntervals
    case readCustomers, writeCustomers
    case manageCredentials
    case listConversations, openConversation, readConversation, readTimeline, postMessage, markMessages
    case closeConversation, startContact
    case readContact, readDecisions, abandonContact, handOverContact, handleContact, superviseContact
    case readOffers, answerOffer
    case readQueueStatus, readReports, readClocks
    case operateNode, backUpNode, steerLeaders, changeMembers
    case liveCustomer, liveAgent, liveSupervisor

    /// The whole table of rights: one row per operation, one column per role.
    package func reach(of role: Role) -> Reach {
        let row = Self.row(self)
        switch role {
        case .administrator: return row.administrator
        case .operator: return row.operator
        case .supervisor: return row.supervisor
        case .agent: return row.agent
        case .customer: return row.customer
        }
    }

    private struct Row {
        let administrator: Reach
        let `operator`: Reach
        let supervisor: Reach
        let agent: Reach
        let customer: Reach

        init(_ administrator: Reach, _ operator: Reach, _ supervisor: Reach, _ agent: Reach, _ customer: Reach) {
            self.administrator = administrator
            self.operator = `operator`
            self.supervisor = supervisor
            self.agent = agent
            self.customer = customer
        }
    }

    private static func row(_ operation: Operation) -> Row {
        switch operation {
        //               administrator operator supervisor agent customer
        case .open: Row(.tenant, .tenant, .tenant, .tenant, .tenant)
        case .createTenant: Row(.node, .none, .none, .none, .none)
        case .readTenants: Row(.tenant, .tenant, .tenant, .none, .none)
        case .readSettings: Row(.tenant, .tenant, .tenant, .tenant, .none)
        case .writeSettings: Row(.tenant, .none, .tenant, .none, .none)
        case .readAgents: Row(.tenant, .tenant, .tenant, .own, .none)
        case .writeAgents: Row(.tenant, .none, .tenant, .none, .none)
        case .setPresence: Row(.tenant, .none, .tenant, .own, .none)
        case .readIntervals: Row(.tenant, .none, .tenant, .own, .none)
        case .readCustomers: Row(.tenant, .none, .tenant, .own, .own)
        case .writeCustomers: Row(.tenant, .none, .tenant, .none, .none)
        case .manageCredentials: Row(.tenant, .none, .tenant, .none, .none)
        case .listConversations: Row(.tenant, .none, .tenant, .own, .own)
        case .openConversation: Row(.tenant, .none, .tenant, .none, .own)
        case .readConversation: Row(.tenant, .none, .tenant, .own, .own)
        case .readTimeline: Row(.tenant, .none, .tenant, .own, .none)
        case .postMessage: Row(.tenant, .none, .tenant, .own, .own)
        case .markMessages: Row(.tenant, .none, .tenant, .own, .own)
        case .closeConversation: Row(.tenant, .none, .tenant, .own, .own)
        case .startContact: Row(.tenant, .none, .tenant, .none, .own)
        case .readContact: Row(.tenant, .none, .tenant, .own, .own)
        case .readDecisions: Row(.tenant, .none, .tenant, .none, .none)
        case .abandonContact: Row(.tenant, .none, .tenant, .none, .own)
        case .handOverContact: Row(.tenant, .none, .tenant, .none, .own)
        case .handleContact: Row(.tenant, .none, .tenant, .own, .none)
        case .superviseContact: Row(.tenant, .none, .tenant, .none, .none)
        case .readOffers: Row(.tenant, .none, .tenant, .own, .none)
        case .answerOffer: Row(.tenant, .none, .tenant, .own, .none)
        case .readQueueStatus: Row(.tenant, .tenant, .tenant, .tenant, .none)
        case .readReports: Row(.tenant, .none, .tenant, .none, .none)
        case .readClocks: Row(.tenant, .none, .tenant, .none, .none)
        case .operateNode: Row(.node, .node, .none, .none, .none)
        case .backUpNode: Row(.node, .none, .none, .none, .none)
        case .steerLeaders: Row(.node, .node, .none, .none, .none)
        case .changeMembers: Row(.node, .none, .none, .none, .none)
        case .liveCustomer: Row(.none, .none, .none, .none, .own)
        case .liveAgent: Row(.none, .none, .none, .own, .none)
        case .liveSupervisor: Row(.tenant, .none, .tenant, .none, .none)
        }
    }
}
