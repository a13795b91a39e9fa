package import TandemCore

extension TenantSettings: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(name)
        writer.write(graceOffline)
        writer.write(preferredWindow)
        writer.write(declinePause)
        writer.write(noAnswerMax)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            name: reader.read(), graceOffline: reader.read(), preferredWindow: reader.read(),
            declinePause: reader.read(), noAnswerMax: reader.read())
    }
}

extension Skill: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(name)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(id: reader.read(), name: reader.read())
    }
}

extension CustomerProfile: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(name)
        writer.write(tier)
        writer.write(tags)
        writer.write(externalID)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(name: reader.read(), tier: reader.read(), tags: reader.read(), externalID: reader.read())
    }
}

extension CredentialSpec: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(tenant)
        writer.write(role)
        writer.write(agent)
        writer.write(customer)
        writer.write(label)
        writer.write(secretDigest)
        writer.write(expiresAt)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            tenant: reader.read(), role: reader.read(), agent: reader.read(), customer: reader.read(),
            label: reader.read(), secretDigest: reader.read(), expiresAt: reader.read())
    }
}

extension ChannelRule: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(slots)
        writer.write(weight)
        writer.write(blocks)
        writer.write(interruptible)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            slots: reader.read(), weight: reader.read(), blocks: reader.read(), interruptible: reader.read())
    }
}

extension AgentProfile: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(name)
        writer.write(skills)
        writer.write(queues)
        writer.write(channels)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(name: reader.read(), skills: reader.read(), queues: reader.read(), channels: reader.read())
    }
}

extension WrapUp: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case none = 0, optional = 1, timed = 2, mandatory = 3
    }
    package func write(to writer: inout WireWriter) {
        switch self {
        case .none: writer.writeTag(Tag.none)
        case .optional: writer.writeTag(Tag.optional)
        case .timed(let length): writer.writeCase(Tag.timed, length)
        case .mandatory: writer.writeTag(Tag.mandatory)
        }
    }
    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .none: self = .none
        case .optional: self = .optional
        case .timed: self = .timed(try reader.read())
        case .mandatory: self = .mandatory
        }
    }
}

extension QueueSettings: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(name)
        writer.write(strategy)
        writer.write(ageingWeight)
        writer.write(tierBoosts)
        writer.write(wrapUp)
        writer.write(offerTimeouts)
        writer.write(shortAbandon)
        writer.write(routingPolicy)
        writer.write(slaPolicy)
        writer.write(calendar)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            name: reader.read(), strategy: reader.read(), ageingWeight: reader.read(), tierBoosts: reader.read(),
            wrapUp: reader.read(), offerTimeouts: reader.read(), shortAbandon: reader.read(),
            routingPolicy: reader.read(), slaPolicy: reader.read(), calendar: reader.read())
    }
}

extension SLATarget: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(metric)
        writer.write(channels)
        writer.write(target)
        writer.write(calendar)
        writer.writeByte(warnPercent)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            metric: reader.read(), channels: reader.read(), target: reader.read(), calendar: reader.read(),
            warnPercent: reader.version < WireVersion.second ? Self.warnPercentUsual : reader.readByte())
    }
}

extension SLAPolicySpec: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(name)
        writer.write(targets)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(name: reader.read(), targets: reader.read())
    }
}

extension SettingPart: WireValue where Spec: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(id)
        writer.write(version)
        writer.write(spec)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(id: reader.read(), version: reader.read(), spec: reader.read())
    }
}
