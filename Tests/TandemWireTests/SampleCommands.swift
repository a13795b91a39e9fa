import TandemCore

@testable import TandemWire

extension Samples {
    static func command(_ name: CommandName) -> Command {
        switch name {
        case .createTenant: .tenant(nil, .create(tenantSettings))
        case .changeTenant: .tenant(id(1), .change(tenantSettings, expecting: 2))
        case .defineSkill: .tenant(id(1), .defineSkill(name: "French"))
        case .putCalendar: .tenant(id(1), .putCalendar(id(12), calendar, expecting: 2))
        case .putRoutingPolicy: .tenant(id(1), .putRoutingPolicy(nil, routing, expecting: nil))
        case .putSLAPolicy: .tenant(id(1), .putSLAPolicy(id(11), sla, expecting: 4))
        case .putWebhook: .tenant(id(1), .putWebhook(id(19), webhook, expecting: 2))
        case .reportDelivery:
            .delivery(id(20), .report(id(19), attempt: 2, .failed(DeliveryFailure(.status, status: 503))))
        case .createQueue: .queue(nil, .create(id(1), queueSettings))
        case .changeQueue: .queue(id(5), .change(queueSettings, expecting: 2))
        case .createAgent: .agent(nil, .create(id(1), profile))
        case .changeAgent: .agent(id(9), .change(profile, expecting: 2))
        case .setPresence: .agent(id(9), .setPresence(.onBreak(BreakCode("lunch")), by: party))
        case .connectSession: .agent(id(9), .connectSession(session))
        case .loseSession: .agent(id(9), .loseSession(session))
        case .closeSession: .agent(id(9), .closeSession(session))
        case .createCustomer: .customer(nil, .create(id(1), customer))
        case .changeCustomer: .customer(id(3), .change(customer, expecting: 2))
        case .createCredential: .credential(nil, .create(credential))
        case .revokeCredential: .credential(id(6), .revoke)
        case .quarantineInput: .quarantine(.add(quarantined))
        case .resolveQuarantine: .quarantine(.resolve(id(18), by: party))
        case .openConversation: .conversation(nil, .open(id(1), id(3), request))
        case .startContact: .conversation(id(2), .startContact(request))
        case .postMessage: .conversation(id(2), .postMessage(draft))
        case .markDelivered: .conversation(id(2), .markDelivered(upTo: 300, by: party))
        case .markRead: .conversation(id(2), .markRead(upTo: 300, by: party))
        case .closeConversation: .conversation(id(2), .close(by: party))
        case .followPolicies: .conversation(id(2), .followPolicies)
        case .applyPolicy:
            .conversation(
                id(2),
                .applyPolicy(
                    PolicyApplication(
                        queue: id(5), past: [PastClock(leg: leg, channel: .chat, clock: clock)], by: party)))
        case .handOver: contact(.handOver(reason: "asks for a person", by: .bot))
        case .abandon: contact(.abandon)
        case .acceptOffer: contact(.acceptOffer(id(14), by: id(9)))
        case .rejectOffer: contact(.rejectOffer(id(14), by: id(9)))
        case .hold: contact(.hold(by: id(9)))
        case .resume: contact(.resume(by: id(9)))
        case .transfer: contact(.transfer(.queue(id(8)), by: party))
        case .startConsult: contact(.startConsult(.agent(id(17)), by: id(9)))
        case .completeTransfer: contact(.completeTransfer(by: id(9)))
        case .endConsult: contact(.endConsult(by: id(9)))
        case .end: contact(.end(by: party))
        case .finishWrapUp: contact(.finishWrapUp(disposition: "sold", by: party))
        case .requeue: contact(.requeue(by: party))
        case .assign: contact(.assign(id(9), by: party))
        case .forceClose: contact(.forceClose(by: party))
        case .setPriority: contact(.setPriority(2, by: party))
        case .agentLost: contact(.agentLost(id(9)))
        case .offerVoid: contact(.offerVoid(id(9)))
        }
    }

    private static func contact(_ command: ContactCommand) -> Command { .conversation(id(2), .contact(id(4), command)) }

    private static let draft = MessageDraft(author: .customer(id(3)), clientID: "m-1", text: "Hello")

    private static let request = ContactRequest(
        channel: .chat, queue: id(5), subject: "A parcel", tags: ["new"], skills: [skill], priority: 5, boost: -100,
        preferredAgent: id(9), bot: true, message: draft)
}
