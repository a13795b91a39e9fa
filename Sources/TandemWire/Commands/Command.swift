package import TandemCore

// Commands travel between nodes and wait in inboxes; they are not journaled. The tables are stable all the same,
// because nodes of two versions talk while a cluster is being upgraded.

extension Command: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case tenant = 0, queue = 1, agent = 2, customer = 3, conversation = 4, credential = 5, quarantine = 6,
            delivery = 7
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .tenant(let id, let command): writer.writeCase(Tag.tenant, id, command)
        case .queue(let id, let command): writer.writeCase(Tag.queue, id, command)
        case .agent(let id, let command): writer.writeCase(Tag.agent, id, command)
        case .customer(let id, let command): writer.writeCase(Tag.customer, id, command)
        case .conversation(let id, let command): writer.writeCase(Tag.conversation, id, command)
        case .credential(let id, let command): writer.writeCase(Tag.credential, id, command)
        case .quarantine(let command): writer.writeCase(Tag.quarantine, command)
        case .delivery(let id, let command): writer.writeCase(Tag.delivery, id, command)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .tenant: self = try .tenant(reader.read(), reader.read())
        case .queue: self = try .queue(reader.read(), reader.read())
        case .agent: self = try .agent(reader.read(), reader.read())
        case .customer: self = try .customer(reader.read(), reader.read())
        case .conversation: self = try .conversation(reader.read(), reader.read())
        case .credential: self = try .credential(reader.read(), reader.read())
        case .quarantine: self = .quarantine(try reader.read())
        case .delivery: self = try .delivery(reader.read(), reader.read())
        }
    }
}

extension TenantCommand: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case create = 0, change = 1, defineSkill = 2, putCalendar = 3, putRoutingPolicy = 4, putSLAPolicy = 5,
            putWebhook = 6
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .create(let settings): writer.writeCase(Tag.create, settings)
        case .change(let settings, let expecting): writer.writeCase(Tag.change, settings, expecting)
        case .defineSkill(let name): writer.writeCase(Tag.defineSkill, name)
        case .putCalendar(let id, let spec, let expecting): writer.writeCase(Tag.putCalendar, id, spec, expecting)
        case .putRoutingPolicy(let id, let spec, let expecting):
            writer.writeCase(Tag.putRoutingPolicy, id, spec, expecting)
        case .putSLAPolicy(let id, let spec, let expecting): writer.writeCase(Tag.putSLAPolicy, id, spec, expecting)
        case .putWebhook(let id, let spec, let expecting): writer.writeCase(Tag.putWebhook, id, spec, expecting)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .create: self = .create(try reader.read())
        case .change: self = try .change(reader.read(), expecting: reader.read())
        case .defineSkill: self = .defineSkill(name: try reader.read())
        case .putCalendar: self = try .putCalendar(reader.read(), reader.read(), expecting: reader.read())
        case .putRoutingPolicy: self = try .putRoutingPolicy(reader.read(), reader.read(), expecting: reader.read())
        case .putSLAPolicy: self = try .putSLAPolicy(reader.read(), reader.read(), expecting: reader.read())
        case .putWebhook: self = try .putWebhook(reader.read(), reader.read(), expecting: reader.read())
        }
    }
}

extension QueueCommand: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case create = 0, change = 1
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .create(let tenant, let settings): writer.writeCase(Tag.create, tenant, settings)
        case .change(let settings, let expecting): writer.writeCase(Tag.change, settings, expecting)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .create: self = try .create(reader.read(), reader.read())
        case .change: self = try .change(reader.read(), expecting: reader.read())
        }
    }
}

extension AgentCommand: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case create = 0, change = 1, setPresence = 2, connectSession = 3, loseSession = 4, closeSession = 5
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .create(let tenant, let profile): writer.writeCase(Tag.create, tenant, profile)
        case .change(let profile, let expecting): writer.writeCase(Tag.change, profile, expecting)
        case .setPresence(let wish, let by): writer.writeCase(Tag.setPresence, wish, by)
        case .connectSession(let session): writer.writeCase(Tag.connectSession, session)
        case .loseSession(let session): writer.writeCase(Tag.loseSession, session)
        case .closeSession(let session): writer.writeCase(Tag.closeSession, session)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .create: self = try .create(reader.read(), reader.read())
        case .change: self = try .change(reader.read(), expecting: reader.read())
        case .setPresence: self = try .setPresence(reader.read(), by: reader.read())
        case .connectSession: self = .connectSession(try reader.read())
        case .loseSession: self = .loseSession(try reader.read())
        case .closeSession: self = .closeSession(try reader.read())
        }
    }
}

extension PresenceWish: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case available = 0, onBreak = 1, loggedOut = 2
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .available: writer.writeTag(Tag.available)
        case .onBreak(let code): writer.writeCase(Tag.onBreak, code)
        case .loggedOut: writer.writeTag(Tag.loggedOut)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .available: self = .available
        case .onBreak: self = .onBreak(try reader.read())
        case .loggedOut: self = .loggedOut
        }
    }
}

extension CustomerCommand: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case create = 0, change = 1
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .create(let tenant, let profile): writer.writeCase(Tag.create, tenant, profile)
        case .change(let profile, let expecting): writer.writeCase(Tag.change, profile, expecting)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .create: self = try .create(reader.read(), reader.read())
        case .change: self = try .change(reader.read(), expecting: reader.read())
        }
    }
}

extension CredentialCommand: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case create = 0, revoke = 1
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .create(let spec): writer.writeCase(Tag.create, spec)
        case .revoke: writer.writeTag(Tag.revoke)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .create: self = .create(try reader.read())
        case .revoke: self = .revoke
        }
    }
}

extension QuarantineCommand: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case add = 0, resolve = 1
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .add(let input): writer.writeCase(Tag.add, input)
        case .resolve(let id, let by): writer.writeCase(Tag.resolve, id, by)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .add: self = .add(try reader.read())
        case .resolve: self = try .resolve(reader.read(), by: reader.read())
        }
    }
}

extension DeliveryCommand: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case report = 0
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .report(let webhook, let attempt, let result): writer.writeCase(Tag.report, webhook, attempt, result)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .report: self = try .report(reader.read(), attempt: reader.read(), reader.read())
        }
    }
}
