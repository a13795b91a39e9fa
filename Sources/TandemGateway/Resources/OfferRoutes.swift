internal import TandemAPI
internal import TandemCore
internal import TandemReadModel

extension Routes {
    static let offers = [
        Route(
            .get, "/v1/offers/{offer}", .readOffers, "One offer.", ids: ["off"], reply: .json(API.Offer.self)
        ) { call throws(Problem) in
            try call.offer { call.answer(API.Offer($0)) }
        },
        Route(
            .post, "/v1/offers/{offer}/accept", .answerOffer, "Take the contact; staff accept for the agent.",
            ids: ["off"], reply: .json(API.Written.self)
        ) { call throws(Problem) in
            try call.offer { offer in
                let command = ContactCommand.acceptOffer(offer.id, by: offer.agent)
                call.write(.conversation(offer.conversation, .contact(offer.contact, command)))
            }
        },
        Route(
            .post, "/v1/offers/{offer}/reject", .answerOffer, "Leave the contact to others for a while.",
            ids: ["off"], reply: .json(API.Written.self)
        ) { call throws(Problem) in
            try call.offer { offer in
                let command = ContactCommand.rejectOffer(offer.id, by: offer.agent)
                call.write(.conversation(offer.conversation, .contact(offer.contact, command)))
            }
        },
        Route(
            .get, "/v1/agents/{agent}/offers", .readOffers, "An agent's offers, newest first.", ids: ["agt"],
            query: [.limit, .cursor], reply: .page(API.Offer.self)
        ) { call throws(Problem) in
            let (before, limit) = (try call.cursor(as: OfferID.self), call.limit)
            try call.agent { agent in
                let id = agent.id
                call.query(id.partition) {
                    try $0.offers(.agent(id), before: before, limit: limit)
                } then: { page in
                    call.answer(
                        page: page.items.map(API.Offer.init), next: page.next.map { Cursor.text($0.description) })
                }
            }
        },
    ]
}

extension API.Offer {
    init(_ row: OfferRow) {
        self.init(
            id: row.id, contact: row.contact, conversation: row.conversation, queue: row.queue, agent: row.agent,
            channel: row.channel, madeAt: row.madeAt, expiresAt: row.expiresAt, outcome: row.outcome,
            endedAt: row.endedAt)
    }
}
