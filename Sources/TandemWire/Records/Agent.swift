package import TandemCore

extension Agent.Assignment.State: WireWord {}

extension Agent.Assignment: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(contact)
        writer.write(conversation)
        writer.write(queue)
        writer.write(channel)
        writer.write(state)
        writer.write(since)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            contact: reader.read(), conversation: reader.read(), queue: reader.read(), channel: reader.read(),
            state: reader.read(), since: reader.read())
    }
}

extension Agent: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(tenant)
        writer.write(version)
        writer.write(profile)
        writer.write(presence)
        writer.write(presenceSince)
        writer.write(presenceBefore)
        writer.write(sessions)
        writer.write(assignments)
        writer.write(idleSince)
        writer.write(handled)
        writer.write(unanswered)
        writer.writeFixed(lastOffer)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            id: reader.read(), tenant: reader.read(), version: reader.read(), profile: reader.read(),
            presence: reader.read(), presenceSince: reader.read(), presenceBefore: reader.read(),
            sessions: reader.read(), assignments: reader.read(), idleSince: reader.read(), handled: reader.read(),
            unanswered: reader.read(), lastOffer: reader.readFixed64())
    }
}
