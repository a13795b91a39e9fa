package import TandemCore

extension Event: WireValue {
    package func write(to writer: inout WireWriter) { write(to: &writer, textApart: false) }

    /// - Parameter textApart: leave out a message's text, which the writer keeps elsewhere; see `EventCodec`.
    func write(to writer: inout WireWriter, textApart: Bool) {
        writer.writeByte(EventName(self).code)
        switch self {
        case .tenantCreated(let id, let settings): writer.writeAll(id, settings)
        case .tenantChanged(let id, let settings, let version): writer.writeAll(id, settings, version)
        case .skillDefined(let id, let skill): writer.writeAll(id, skill)
        case .calendarPut(let id, let calendar): writer.writeAll(id, calendar)
        case .routingPolicyPut(let id, let policy): writer.writeAll(id, policy)
        case .slaPolicyPut(let id, let policy): writer.writeAll(id, policy)
        case .queueCreated(let id, let tenant, let settings): writer.writeAll(id, tenant, settings)
        case .queueChanged(let id, let tenant, let settings, let version):
            writer.writeAll(id, tenant, settings, version)
        case .agentCreated(let id, let tenant, let profile): writer.writeAll(id, tenant, profile)
        case .agentChanged(let id, let tenant, let profile, let version): writer.writeAll(id, tenant, profile, version)
        case .presenceChanged(let change): writer.write(change)
        case .sessionConnected(let id, let tenant, let session): writer.writeAll(id, tenant, session)
        case .sessionEnded(let id, let tenant, let session, let lost): writer.writeAll(id, tenant, session, lost)
        case .customerCreated(let id, let tenant, let profile): writer.writeAll(id, tenant, profile)
        case .customerChanged(let id, let tenant, let profile, let version):
            writer.writeAll(id, tenant, profile, version)
        case .credentialCreated(let id, let spec): writer.writeAll(id, spec)
        case .credentialRevoked(let id, let tenant): writer.writeAll(id, tenant)
        case .conversationOpened(let opened): writer.write(opened)
        case .conversationReopened(let id, let tenant, let customer): writer.writeAll(id, tenant, customer)
        case .messagePosted(let message): message.write(to: &writer, textApart: textApart)
        case .messagesDelivered(let marked), .messagesRead(let marked): writer.write(marked)
        case .conversationClosed(let id, let tenant, let customer, let by): writer.writeAll(id, tenant, customer, by)
        case .contactCreated(let created): writer.write(created)
        case .contactBotStarted(let leg): writer.write(leg)
        case .contactQueued(let queued), .contactStepped(let queued): writer.write(queued)
        case .contactDeclineExpired(let leg, let agent), .contactHeld(let leg, let agent),
            .contactResumed(let leg, let agent):
            writer.writeAll(leg, agent)
        case .contactPriorityChanged(let leg, let priority, let order, let by):
            writer.writeAll(leg, priority, order, by)
        case .offerMade(let made): writer.write(made)
        case .offerAccepted(let ended), .offerEnded(let ended): writer.write(ended)
        case .consultStarted(let leg, let previous, let by): writer.writeAll(leg, previous, by)
        case .consultEnded(let leg, let previous, let asker, let reason):
            writer.writeAll(leg, previous, asker, reason)
        case .contactWrapping(let wrapping): writer.write(wrapping)
        case .contactClosed(let closed): writer.write(closed)
        case .clockActivated(let leg, let set): writer.writeAll(leg, set)
        case .clockPaused(let leg, let metric, let remaining): writer.writeAll(leg, metric, remaining)
        case .clockResumed(let leg, let metric, let warnAt, let dueAt): writer.writeAll(leg, metric, warnAt, dueAt)
        case .clockWarned(let leg, let metric): writer.writeAll(leg, metric)
        case .clockBreached(let leg, let metric, let brokenAt): writer.writeAll(leg, metric, brokenAt)
        case .clockFulfilled(let leg, let metric, let elapsed, let promised):
            writer.writeAll(leg, metric, elapsed, promised)
        case .clockPolicyApplied(let leg, let terms): writer.writeAll(leg, terms)
        case .inputQuarantined(let partition, let id, let input): writer.writeAll(partition, id, input)
        case .quarantineResolved(let partition, let id, let by): writer.writeAll(partition, id, by)
        case .webhookPut(let id, let webhook): writer.writeAll(id, webhook)
        case .deliveryDue(let due): writer.write(due)
        case .deliveryResumed(let target): writer.write(target)
        case .deliveryFailed(let failed): writer.write(failed)
        case .deliveryDone(let target, let attempt, let status): writer.writeAll(target, attempt, status)
        }
    }

    package init(from reader: inout WireReader) throws(WireError) { try self.init(from: &reader, text: nil) }

    /// - Parameter text: of a message that was written with its text apart; nil: the text is in the bytes.
    init(from reader: inout WireReader, text: String?) throws(WireError) {
        let code = try reader.readByte()
        guard let name = EventName(code: code) else { throw .badTag(type: "Event", value: code) }
        switch name {
        case .tenantCreated: self = try .tenantCreated(reader.read(), reader.read())
        case .tenantChanged: self = try .tenantChanged(reader.read(), reader.read(), version: reader.read())
        case .skillDefined: self = try .skillDefined(reader.read(), reader.read())
        case .calendarPut: self = try .calendarPut(reader.read(), reader.read())
        case .routingPolicyPut: self = try .routingPolicyPut(reader.read(), reader.read())
        case .slaPolicyPut: self = try .slaPolicyPut(reader.read(), reader.read())
        case .queueCreated: self = try .queueCreated(reader.read(), reader.read(), reader.read())
        case .queueChanged:
            self = try .queueChanged(reader.read(), reader.read(), reader.read(), version: reader.read())
        case .agentCreated: self = try .agentCreated(reader.read(), reader.read(), reader.read())
        case .agentChanged:
            self = try .agentChanged(reader.read(), reader.read(), reader.read(), version: reader.read())
        case .presenceChanged: self = .presenceChanged(try reader.read())
        case .sessionConnected: self = try .sessionConnected(reader.read(), reader.read(), reader.read())
        case .sessionEnded: self = try .sessionEnded(reader.read(), reader.read(), reader.read(), lost: reader.read())
        case .customerCreated: self = try .customerCreated(reader.read(), reader.read(), reader.read())
        case .customerChanged:
            self = try .customerChanged(reader.read(), reader.read(), reader.read(), version: reader.read())
        case .credentialCreated: self = try .credentialCreated(reader.read(), reader.read())
        case .credentialRevoked: self = try .credentialRevoked(reader.read(), reader.read())
        case .conversationOpened: self = .conversationOpened(try reader.read())
        case .conversationReopened: self = try .conversationReopened(reader.read(), reader.read(), reader.read())
        case .messagePosted: self = .messagePosted(try MessagePosted(from: &reader, text: text))
        case .messagesDelivered: self = .messagesDelivered(try reader.read())
        case .messagesRead: self = .messagesRead(try reader.read())
        case .conversationClosed:
            self = try .conversationClosed(reader.read(), reader.read(), reader.read(), by: reader.read())
        case .contactCreated: self = .contactCreated(try reader.read())
        case .contactBotStarted: self = .contactBotStarted(try reader.read())
        case .contactQueued: self = .contactQueued(try reader.read())
        case .contactStepped: self = .contactStepped(try reader.read())
        case .contactDeclineExpired: self = try .contactDeclineExpired(reader.read(), reader.read())
        case .contactPriorityChanged:
            self = try .contactPriorityChanged(
                reader.read(), priority: reader.read(), order: reader.read(), by: reader.read())
        case .offerMade: self = .offerMade(try reader.read())
        case .offerAccepted: self = .offerAccepted(try reader.read())
        case .offerEnded: self = .offerEnded(try reader.read())
        case .contactHeld: self = try .contactHeld(reader.read(), reader.read())
        case .contactResumed: self = try .contactResumed(reader.read(), reader.read())
        case .consultStarted: self = try .consultStarted(reader.read(), previous: reader.read(), by: reader.read())
        case .consultEnded:
            self = try .consultEnded(
                reader.read(), previous: reader.read(), asker: reader.read(), reason: reader.read())
        case .contactWrapping: self = .contactWrapping(try reader.read())
        case .contactClosed: self = .contactClosed(try reader.read())
        case .clockActivated: self = try .clockActivated(reader.read(), reader.read())
        case .clockPaused: self = try .clockPaused(reader.read(), reader.read(), remaining: reader.readSinceOptional())
        case .clockResumed:
            self = try .clockResumed(
                reader.read(), reader.read(), warnAt: reader.read(), dueAt: reader.readSinceOptional())
        case .clockWarned: self = try .clockWarned(reader.read(), reader.read())
        case .clockBreached:
            self = try .clockBreached(reader.read(), reader.read(), brokenAt: reader.readAdded(else: nil))
        case .clockFulfilled:
            self = try .clockFulfilled(
                reader.read(), reader.read(), elapsed: reader.read(), promised: reader.readAdded(else: true))
        case .clockPolicyApplied: self = try .clockPolicyApplied(reader.read(), reader.read())
        case .inputQuarantined: self = try .inputQuarantined(reader.read(), reader.read(), reader.read())
        case .quarantineResolved: self = try .quarantineResolved(reader.read(), reader.read(), by: reader.read())
        case .webhookPut: self = try .webhookPut(reader.read(), reader.read())
        case .deliveryDue: self = .deliveryDue(try reader.read())
        case .deliveryResumed: self = .deliveryResumed(try reader.read())
        case .deliveryFailed: self = .deliveryFailed(try reader.read())
        case .deliveryDone: self = try .deliveryDone(reader.read(), attempt: reader.read(), status: reader.read())
        }
    }
}
