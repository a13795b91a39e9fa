package import TandemCore

extension Conversation.State: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case absent = 0, open = 1, closed = 2
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .absent: writer.writeTag(Tag.absent)
        case .open: writer.writeTag(Tag.open)
        case .closed(let at): writer.writeCase(Tag.closed, at)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .absent: self = .absent
        case .open: self = .open
        case .closed: self = .closed(at: try reader.read())
        }
    }
}

extension SeenMessages.Mark: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.writeFixed(high)
        writer.writeFixed(low)
        writer.write(sequence)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(high: reader.readFixed64(), low: reader.readFixed64(), sequence: reader.read())
    }
}

extension Conversation.Resolution: WireValue {
    package func write(to writer: inout WireWriter) { writer.writeAll(contact, clock) }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(contact: reader.read(), clock: reader.read())
    }
}

extension Conversation: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(state)
        writer.write(tenant)
        writer.write(customer)
        writer.write(channel)
        writer.write(openedAt)
        writer.write(messageCount)
        writer.write(customerMessageAt)
        writer.write(agentMessageAt)
        writer.write(customerDelivered)
        writer.write(customerRead)
        writer.write(agentRead)
        writer.write(seen.marks)
        writer.write(contacts)
        writer.write(lastAgent)
        writer.write(lastHandledAt)
        writer.write(resolution)
        #if NEXT_FORMAT
            if writer.version >= WireVersion.third { writer.write(characters) }
        #endif
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            id: reader.read(), state: reader.read(), tenant: reader.read(), customer: reader.read(),
            channel: reader.read(), openedAt: reader.read(), messageCount: reader.read(),
            customerMessageAt: reader.read(), agentMessageAt: reader.read(), customerDelivered: reader.read(),
            customerRead: reader.read(), agentRead: reader.read(),
            seen: SeenMessages(reader.read() as [SeenMessages.Mark]), contacts: reader.read(),
            lastAgent: reader.read(), lastHandledAt: reader.read(), resolution: reader.readAdded(else: nil))
        #if NEXT_FORMAT
            characters = reader.version >= WireVersion.third ? try reader.read() : 0
        #endif
    }
}
