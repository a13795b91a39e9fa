package import TandemCore

extension ConversationCommand: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case open = 0, startContact = 1, postMessage = 2, markDelivered = 3, markRead = 4, close = 5, contact = 6
        case followPolicies = 7, applyPolicy = 8
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .open(let tenant, let customer, let request): writer.writeCase(Tag.open, tenant, customer, request)
        case .startContact(let request): writer.writeCase(Tag.startContact, request)
        case .postMessage(let draft): writer.writeCase(Tag.postMessage, draft)
        case .markDelivered(let upTo, let by): writer.writeCase(Tag.markDelivered, upTo, by)
        case .markRead(let upTo, let by): writer.writeCase(Tag.markRead, upTo, by)
        case .close(let by): writer.writeCase(Tag.close, by)
        case .contact(let id, let command): writer.writeCase(Tag.contact, id, command)
        case .followPolicies: writer.writeTag(Tag.followPolicies)
        case .applyPolicy(let application): writer.writeCase(Tag.applyPolicy, application)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .open: self = try .open(reader.read(), reader.read(), reader.read())
        case .startContact: self = .startContact(try reader.read())
        case .postMessage: self = .postMessage(try reader.read())
        case .markDelivered: self = try .markDelivered(upTo: reader.read(), by: reader.read())
        case .markRead: self = try .markRead(upTo: reader.read(), by: reader.read())
        case .close: self = .close(by: try reader.read())
        case .contact: self = try .contact(reader.read(), reader.read())
        case .followPolicies: self = .followPolicies
        case .applyPolicy: self = .applyPolicy(try reader.read())
        }
    }
}

extension PolicyApplication: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(queue)
        writer.write(past)
        writer.write(by)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            queue: reader.read(), past: reader.readList(atMost: Limits.clocksPerApplicationMax), by: reader.read())
    }
}

extension PastClock: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(leg)
        writer.write(channel)
        writer.write(clock)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(leg: reader.read(), channel: reader.read(), clock: reader.read())
    }
}

extension ContactRequest: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(channel)
        writer.write(queue)
        writer.write(subject)
        writer.write(tags)
        writer.write(skills)
        writer.write(priority)
        writer.write(boost)
        writer.write(preferredAgent)
        writer.write(bot)
        writer.write(message)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            channel: reader.read(), queue: reader.read(), subject: reader.read(), tags: reader.read(),
            skills: reader.read(), priority: reader.read(), boost: reader.read(), preferredAgent: reader.read(),
            bot: reader.read(), message: reader.read())
    }
}

extension MessageDraft: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(author)
        writer.write(clientID)
        writer.write(text)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(author: reader.read(), clientID: reader.read(), text: reader.read())
    }
}

extension TransferTarget: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case queue = 0, agent = 1
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .queue(let id): writer.writeCase(Tag.queue, id)
        case .agent(let id): writer.writeCase(Tag.agent, id)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .queue: self = .queue(try reader.read())
        case .agent: self = .agent(try reader.read())
        }
    }
}

extension ContactCommand: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case handOver = 0, abandon = 1, acceptOffer = 2, rejectOffer = 3, hold = 4, resume = 5
        case transfer = 6, startConsult = 7, completeTransfer = 8, endConsult = 9
        case end = 10, finishWrapUp = 11, requeue = 12, assign = 13, forceClose = 14, setPriority = 15
        case agentLost = 16, offerVoid = 17
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .handOver(let reason, let by): writer.writeCase(Tag.handOver, reason, by)
        case .abandon: writer.writeTag(Tag.abandon)
        case .acceptOffer(let offer, let by): writer.writeCase(Tag.acceptOffer, offer, by)
        case .rejectOffer(let offer, let by): writer.writeCase(Tag.rejectOffer, offer, by)
        case .hold(let by): writer.writeCase(Tag.hold, by)
        case .resume(let by): writer.writeCase(Tag.resume, by)
        case .transfer(let target, let by): writer.writeCase(Tag.transfer, target, by)
        case .startConsult(let target, let by): writer.writeCase(Tag.startConsult, target, by)
        case .completeTransfer(let by): writer.writeCase(Tag.completeTransfer, by)
        case .endConsult(let by): writer.writeCase(Tag.endConsult, by)
        case .end(let by): writer.writeCase(Tag.end, by)
        case .finishWrapUp(let disposition, let by): writer.writeCase(Tag.finishWrapUp, disposition, by)
        case .requeue(let by): writer.writeCase(Tag.requeue, by)
        case .assign(let agent, let by): writer.writeCase(Tag.assign, agent, by)
        case .forceClose(let by): writer.writeCase(Tag.forceClose, by)
        case .setPriority(let priority, let by): writer.writeCase(Tag.setPriority, priority, by)
        case .agentLost(let agent): writer.writeCase(Tag.agentLost, agent)
        case .offerVoid(let agent): writer.writeCase(Tag.offerVoid, agent)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .handOver: self = try .handOver(reason: reader.read(), by: reader.read())
        case .abandon: self = .abandon
        case .acceptOffer: self = try .acceptOffer(reader.read(), by: reader.read())
        case .rejectOffer: self = try .rejectOffer(reader.read(), by: reader.read())
        case .hold: self = .hold(by: try reader.read())
        case .resume: self = .resume(by: try reader.read())
        case .transfer: self = try .transfer(reader.read(), by: reader.read())
        case .startConsult: self = try .startConsult(reader.read(), by: reader.read())
        case .completeTransfer: self = .completeTransfer(by: try reader.read())
        case .endConsult: self = .endConsult(by: try reader.read())
        case .end: self = .end(by: try reader.read())
        case .finishWrapUp: self = try .finishWrapUp(disposition: reader.read(), by: reader.read())
        case .requeue: self = .requeue(by: try reader.read())
        case .assign: self = try .assign(reader.read(), by: reader.read())
        case .forceClose: self = .forceClose(by: try reader.read())
        case .setPriority: self = try .setPriority(reader.read(), by: reader.read())
        case .agentLost: self = .agentLost(try reader.read())
        case .offerVoid: self = .offerVoid(try reader.read())
        }
    }
}
