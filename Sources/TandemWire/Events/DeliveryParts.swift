package import TandemCore

extension NoticeKind: WireWord {}
extension Notice.AuthorKind: WireWord {}
extension DeliveryFailure.Reason: WireWord {}

extension Notice: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(kind)
        writer.write(customer)
        writer.write(contact)
        writer.write(queue)
        writer.write(agent)
        writer.write(channel)
        writer.write(reason)
        writer.write(sequence)
        writer.write(author)
        writer.write(metric)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        self.init(try reader.read())
        customer = try reader.read()
        contact = try reader.read()
        queue = try reader.read()
        agent = try reader.read()
        channel = try reader.read()
        reason = try reader.read()
        sequence = try reader.read()
        author = try reader.read()
        metric = try reader.read()
    }
}

extension DeliveryFailure: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(reason)
        writer.write(status)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(reader.read(), status: reader.read())
    }
}

extension DeliveryTarget: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(delivery)
        writer.write(tenant)
        writer.write(conversation)
        writer.write(webhook)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            delivery: reader.read(), tenant: reader.read(), conversation: reader.read(), webhook: reader.read())
    }
}

extension DeliveryDue: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(delivery)
        writer.write(tenant)
        writer.write(conversation)
        writer.write(notice)
        writer.write(webhooks)
        writer.write(turnedAway)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            delivery: reader.read(), tenant: reader.read(), conversation: reader.read(), notice: reader.read(),
            webhooks: reader.read(), turnedAway: reader.read())
    }
}

extension DeliveryFailed: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(target)
        writer.write(attempt)
        writer.write(failure)
        writer.write(retryAt)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            target: reader.read(), attempt: reader.read(), failure: reader.read(), retryAt: reader.read())
    }
}

extension DeliveryResult: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case done = 0, failed = 1, refused = 2
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .done(let status): writer.writeCase(Tag.done, status)
        case .failed(let failure): writer.writeCase(Tag.failed, failure)
        case .refused(let failure): writer.writeCase(Tag.refused, failure)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .done: self = .done(status: try reader.read())
        case .failed: self = .failed(try reader.read())
        case .refused: self = .refused(try reader.read())
        }
    }
}
