package import TandemCore

extension RoutingPolicySpec: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(name)
        writer.write(rules)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(name: reader.read(), rules: reader.read())
    }
}

extension RoutingRule: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(condition)
        writer.write(steps)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(condition: reader.read(), steps: reader.read())
    }
}

extension RoutingStep: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(queue)
        writer.write(skills)
        writer.write(preferred)
        writer.write(preferLastAgent)
        writer.write(length)
        writer.write(onExpiry)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            queue: reader.read(), skills: reader.read(), preferred: reader.read(), preferLastAgent: reader.read(),
            length: reader.read(), onExpiry: reader.read())
    }
}

extension RoutingCondition: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case always = 0, all = 1, any = 2, not = 3
        case channel = 4, tierAtLeast = 5, tag = 6, waitAtLeast = 7, estimatedWaitAtLeast = 8, positionAtLeast = 9
        case waitingAtLeast = 10, availableAtMost = 11, loggedInAtMost = 12, serviceLevelBelow = 13
        case open = 14, closed = 15
    }

    package func write(to writer: inout WireWriter) {
        switch self {
        case .always: writer.writeTag(Tag.always)
        case .all(let parts): writer.writeCase(Tag.all, parts)
        case .any(let parts): writer.writeCase(Tag.any, parts)
        case .not(let part): writer.writeCase(Tag.not, part)
        case .channel(let channels): writer.writeCase(Tag.channel, channels)
        case .tierAtLeast(let tier): writer.writeCase(Tag.tierAtLeast, tier)
        case .tag(let tag): writer.writeCase(Tag.tag, tag)
        case .waitAtLeast(let wait): writer.writeCase(Tag.waitAtLeast, wait)
        case .estimatedWaitAtLeast(let wait): writer.writeCase(Tag.estimatedWaitAtLeast, wait)
        case .positionAtLeast(let position): writer.writeCase(Tag.positionAtLeast, position)
        case .waitingAtLeast(let queue, let count): writer.writeCase(Tag.waitingAtLeast, queue, count)
        case .availableAtMost(let queue, let count): writer.writeCase(Tag.availableAtMost, queue, count)
        case .loggedInAtMost(let queue, let count): writer.writeCase(Tag.loggedInAtMost, queue, count)
        case .serviceLevelBelow(let queue, let share): writer.writeCase(Tag.serviceLevelBelow, queue, share)
        case .open(let calendar): writer.writeCase(Tag.open, calendar)
        case .closed(let calendar): writer.writeCase(Tag.closed, calendar)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        guard reader.depth < WireReader.depthMax else { throw .tooDeep }
        reader.depth += 1
        defer { reader.depth -= 1 }
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .always: self = .always
        case .all: self = .all(try reader.read())
        case .any: self = .any(try reader.read())
        case .not: self = .not(try reader.read())
        case .channel: self = .channel(try reader.read())
        case .tierAtLeast: self = .tierAtLeast(try reader.read())
        case .tag: self = .tag(try reader.read())
        case .waitAtLeast: self = .waitAtLeast(try reader.read())
        case .estimatedWaitAtLeast: self = .estimatedWaitAtLeast(try reader.read())
        case .positionAtLeast: self = .positionAtLeast(try reader.read())
        case .waitingAtLeast: self = try .waitingAtLeast(reader.read(), reader.read())
        case .availableAtMost: self = try .availableAtMost(reader.read(), reader.read())
        case .loggedInAtMost: self = try .loggedInAtMost(reader.read(), reader.read())
        case .serviceLevelBelow: self = try .serviceLevelBelow(reader.read(), reader.read())
        case .open: self = .open(try reader.read())
        case .closed: self = .closed(try reader.read())
        }
    }
}

extension RoutingOperation: WireValue {
    /// Append, never renumber.
    private enum Tag: UInt8 {
        case lowerLevel = 0, dropSkill = 1, widen = 2, raisePriority = 3, boost = 4, overflow = 5, offerCallback = 6
        case close = 7
    }

    package func write(to writer: inout WireWriter) {
        switch self {
        case .lowerLevel(let skill, let by): writer.writeCase(Tag.lowerLevel, skill, by)
        case .dropSkill(let skill): writer.writeCase(Tag.dropSkill, skill)
        case .widen(let queue): writer.writeCase(Tag.widen, queue)
        case .raisePriority(let by): writer.writeCase(Tag.raisePriority, by)
        case .boost(let score): writer.writeCase(Tag.boost, score)
        case .overflow(let queue): writer.writeCase(Tag.overflow, queue)
        case .offerCallback: writer.writeTag(Tag.offerCallback)
        case .close(let message): writer.writeCase(Tag.close, message)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        switch try reader.readTag(Tag.self, of: Self.self) {
        case .lowerLevel: self = try .lowerLevel(reader.read(), by: reader.read())
        case .dropSkill: self = .dropSkill(try reader.read())
        case .widen: self = .widen(try reader.read())
        case .raisePriority: self = .raisePriority(by: try reader.read())
        case .boost: self = .boost(try reader.read())
        case .overflow: self = .overflow(try reader.read())
        case .offerCallback: self = .offerCallback
        case .close: self = .close(message: try reader.read())
        }
    }
}
