package import TandemCore

extension Waiting: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(policy)
        writer.write(policyVersion)
        writer.write(rule)
        writer.write(step)
        writer.write(stepExpiresAt)
        writer.write(requirement)
        writer.write(order)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            policy: reader.read(), policyVersion: reader.read(), rule: reader.read(), step: reader.read(),
            stepExpiresAt: reader.read(), requirement: reader.read(), order: reader.read())
    }
}

extension Requirement: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(pools)
        writer.write(skills)
        writer.write(preferred)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(pools: reader.read(), skills: reader.read(), preferred: reader.read())
    }
}

extension OrderKey: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(priority)
        writer.write(virtual)
        writer.writeFixed(sequence)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(priority: reader.read(), virtual: reader.read(), sequence: reader.readFixed64())
    }
}

extension OfferMade: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(leg)
        writer.write(offer)
        writer.write(agent)
        writer.write(channel)
        writer.write(expiresAt)
        writer.write(decision)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            leg: reader.read(), offer: reader.read(), agent: reader.read(), channel: reader.read(),
            expiresAt: reader.read(), decision: reader.read())
    }
}

extension RoutingDecision.Trigger: WireWord {}

extension RoutingDecision: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(trigger)
        writer.write(policy)
        writer.write(policyVersion)
        writer.write(rule)
        writer.write(step)
        writer.write(strategy)
        writer.write(requirement)
        writer.write(order)
        writer.write(age)
        writer.write(candidates)
        writer.write(eligible)
        writer.write(ruledOut)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            trigger: reader.read(), policy: reader.read(), policyVersion: reader.read(), rule: reader.read(),
            step: reader.read(), strategy: reader.read(), requirement: reader.read(), order: reader.read(),
            age: reader.read(), candidates: reader.read(), eligible: reader.read(), ruledOut: reader.read())
    }
}

extension RoutingDecision.Candidate: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(agent)
        writer.write(score)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(agent: reader.read(), score: reader.read())
    }
}

extension RoutingDecision.RuledOut: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(loggedOut)
        writer.write(notAvailable)
        writer.write(skill)
        writer.write(noSlot)
        writer.write(blocked)
        writer.write(notPreferred)
        writer.write(declined)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        self.init()
        loggedOut = try reader.read()
        notAvailable = try reader.read()
        skill = try reader.read()
        noSlot = try reader.read()
        blocked = try reader.read()
        notPreferred = try reader.read()
        declined = try reader.read()
    }
}

extension OfferEnded: WireValue {
    package func write(to writer: inout WireWriter) {
        writer.write(leg)
        writer.write(offer)
        writer.write(agent)
        writer.write(channel)
        writer.write(outcome)
        writer.write(declinedUntil)
        writer.write(waited)
        writer.write(target)
        writer.write(isCounted)
    }
    package init(from reader: inout WireReader) throws(WireError) {
        try self.init(
            leg: reader.read(), offer: reader.read(), agent: reader.read(), channel: reader.read(),
            outcome: reader.read(), declinedUntil: reader.read(), waited: reader.read(), target: reader.read(),
            isCounted: reader.read())
    }
}
