package import TandemCore

extension Leg: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(tenant)
        writer.write(conversation)
        writer.write(customer)
        writer.write(contact)
        writer.write(queue)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            tenant: reader.read(), conversation: reader.read(), customer: reader.read(), contact: reader.read(),
            queue: reader.read())
    }
}

extension PresenceChanged: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(agent)
        writer.write(tenant)
        writer.write(from)
        writer.write(to)
        writer.write(by)
        writer.write(unanswered)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            agent: reader.read(), tenant: reader.read(), from: reader.read(), to: reader.read(), by: reader.read(),
            unanswered: reader.read())
    }
}

extension ConversationOpened: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(conversation)
        writer.write(tenant)
        writer.write(customer)
        writer.write(channel)
        writer.write(subject)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            conversation: reader.read(), tenant: reader.read(), customer: reader.read(), channel: reader.read(),
            subject: reader.read())
    }
}

extension MessagePosted: WireValue {
    package func write(to writer: inout WireWriter) { write(to: &writer, textApart: false) }

    /// The text comes last, so that it can be left out.
    func write(to writer: inout WireWriter, textApart: Bool) {
        writer.write(conversation)
        writer.write(tenant)
        writer.write(customer)
        writer.write(sequence)
        writer.write(channel)
        writer.write(author)
        writer.write(contact)
        writer.write(agents)
        writer.write(clientID)
        #if NEXT_FORMAT
            if writer.version >= WireVersion.third { writer.write(characters) }
        #endif
        if !textApart { writer.write(text) }
    }

    package init(from reader: inout WireReader) throws(WireError) { try self.init(from: &reader, text: nil) }

    init(from reader: inout WireReader, text: String?) throws(WireError) {
        try self.init(
            conversation: reader.read(), tenant: reader.read(), customer: reader.read(), sequence: reader.read(),
            channel: reader.read(), author: reader.read(), contact: reader.read(), agents: reader.read(),
            clientID: reader.read(), text: "")
        #if NEXT_FORMAT
            characters = reader.version >= WireVersion.third ? try reader.read() : 0
        #endif
        self.text = if let text { text } else { try reader.read() }
    }
}

extension MessagesMarked: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(conversation)
        writer.write(tenant)
        writer.write(by)
        writer.write(upTo)
        writer.write(agents)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            conversation: reader.read(), tenant: reader.read(), by: reader.read(), upTo: reader.read(),
            agents: reader.read())
    }
}

extension ContactWrapping: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(leg)
        writer.write(agent)
        writer.write(until)
        writer.write(reason)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(leg: reader.read(), agent: reader.read(), until: reader.read(), reason: reader.read())
    }
}

extension ContactCreated: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(leg)
        writer.write(channel)
        writer.write(kind)
        writer.write(previous)
        writer.write(tags)
        writer.write(skills)
        writer.write(priority)
        writer.write(boost)
        writer.write(preferredAgent)
        writer.write(ageSince)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            leg: reader.read(), channel: reader.read(), kind: reader.read(), previous: reader.read(),
            tags: reader.read(), skills: reader.read(), priority: reader.read(), boost: reader.read(),
            preferredAgent: reader.read(), ageSince: reader.read())
    }
}

extension ContactQueued: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(leg)
        writer.write(reason)
        writer.write(enqueuedAt)
        writer.write(waiting)
        writer.write(priority)
        writer.write(boost)
        writer.write(released)
        writer.write(note)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            leg: reader.read(), reason: reader.read(), enqueuedAt: reader.read(), waiting: reader.read(),
            priority: reader.read(), boost: reader.read(), released: reader.read(), note: reader.read())
    }
}

extension ContactClosed: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(leg)
        writer.write(channel)
        writer.write(kind)
        writer.write(previous)
        writer.write(next)
        writer.write(agent)
        writer.write(reason)
        writer.write(disposition)
        writer.write(createdAt)
        writer.write(enqueuedAt)
        writer.write(answeredAt)
        writer.write(times)
        writer.write(target)
        writer.write(by)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            leg: reader.read(), channel: reader.read(), kind: reader.read(), previous: reader.read(),
            next: reader.read(), agent: reader.read(), reason: reader.read(), disposition: reader.read(),
            createdAt: reader.read(), enqueuedAt: reader.read(), answeredAt: reader.read(), times: reader.read(),
            target: reader.read(), by: reader.read())
    }
}

extension ContactTimes: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(queued)
        writer.write(talk)
        writer.write(hold)
        writer.write(wrapUp)
        writer.write(holds)
        writer.write(offers)
        writer.write(offersTimedOut)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        self.init()
        queued = try reader.read()
        talk = try reader.read()
        hold = try reader.read()
        wrapUp = try reader.read()
        holds = try reader.read()
        offers = try reader.read()
        offersTimedOut = try reader.read()
    }
}
