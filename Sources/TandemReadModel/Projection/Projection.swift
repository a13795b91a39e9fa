internal import TandemCore
internal import TandemJournal
internal import TandemWire

/// What committed events make of the rows: the fold that gives API, command line and reports the same figures.
///
/// Conversations, contacts, offers and clocks are gathered over a batch and written by `flush`; rarer rows are
/// written as their events come. All of it happens in the caller's transaction; `discard` follows its rollback.
final class Projection {
    private let events: EventRows
    private let conversations: ConversationRows
    private let contacts: ContactRows
    private let offers: OfferRows
    private let clocks: ClockRows
    private let records: ContactRecordRows
    private let agents: AgentRows
    private let settings: SettingRows
    private let people: PeopleRows

    init(_ database: Database) throws(DatabaseError) {
        events = try EventRows(database)
        conversations = try ConversationRows(database)
        contacts = try ContactRows(database)
        offers = try OfferRows(database)
        clocks = try ClockRows(database)
        records = try ContactRecordRows(database)
        agents = try AgentRows(database)
        settings = try SettingRows(database)
        people = try PeopleRows(database)
    }

    func write(_ committed: CommittedEntry) throws(StoreError) {
        let entry = committed.entry
        guard entry.events.count <= EventPosition.eventsMax else { throw .entryTooLarge(index: committed.index) }
        do {
            for (place, event) in entry.events.enumerated() {
                let position = EventPosition(entry: committed.index, sequence: place)
                try events.write(event, in: entry.format, at: entry.time, position)
                try fold(event, at: entry.time, position)
            }
            if let key = entry.key { try events.write(key, of: entry, committed.index) }
        } catch {
            throw .database(error)
        }
    }

    /// Writes what was gathered. Returns the rows written.
    func flush() throws(DatabaseError) -> Int {
        let work = try conversations.flush() + contacts.flush() + offers.flush() + clocks.flush()
        return try work + events.flush()
    }

    func discard() {
        events.discard()
        conversations.discard()
        contacts.discard()
        offers.discard()
        clocks.discard()
    }

    private func fold(_ event: Event, at time: Timestamp, _ position: EventPosition) throws(DatabaseError) {
        switch event {
        case .messagePosted(let message): conversations.note(message, at: time)
        case .messagesDelivered(let marked): conversations.noteDelivered(marked)
        case .messagesRead(let marked): conversations.noteRead(marked)
        case .conversationOpened(let opened): conversations.note(opened, at: time)
        case .conversationReopened(let id, _, _): conversations.noteReopened(id)
        case .conversationClosed(let id, _, _, let party): conversations.noteClosed(id, by: party, at: time)
        case .contactCreated, .contactBotStarted, .contactQueued, .contactStepped, .contactDeclineExpired,
            .contactPriorityChanged, .offerMade, .offerAccepted, .offerEnded, .contactHeld, .contactResumed,
            .consultStarted, .consultEnded, .contactWrapping, .contactClosed:
            try foldContact(event, at: time, position)
        case .clockActivated(let leg, let set): clocks.noteActivated(leg, set, at: time)
        case .clockPaused(let leg, let metric, let remaining): clocks.notePaused(leg, metric, remaining: remaining)
        case .clockResumed(let leg, let metric, let warnAt, let dueAt):
            clocks.noteResumed(leg, metric, warnAt: warnAt, dueAt: dueAt)
        case .clockWarned(let leg, let metric): clocks.noteWarned(leg, metric, at: time)
        case .clockBreached(let leg, let metric, let brokenAt):
            clocks.noteBreached(leg, metric, at: brokenAt ?? time)
        case .clockPolicyApplied(let leg, let terms): clocks.noteApplied(leg, terms)
        case .clockFulfilled(let leg, let metric, let elapsed, _):
            clocks.noteFulfilled(leg, metric, elapsed: elapsed, at: time)
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .queueCreated, .queueChanged, .webhookPut:
            try foldSettings(event, at: time, position)
        case .agentCreated, .agentChanged, .presenceChanged, .sessionConnected, .sessionEnded, .customerCreated,
            .customerChanged, .credentialCreated, .credentialRevoked, .inputQuarantined, .quarantineResolved:
            try foldPeople(event, at: time, position)
        // Their timelines and their records say it all.
        case .deliveryDue, .deliveryResumed, .deliveryFailed, .deliveryDone: break
        }
    }

    private func foldContact(_ event: Event, at time: Timestamp, _ position: EventPosition) throws(DatabaseError) {
        switch event {
        case .contactCreated(let created): contacts.note(created, at: time)
        case .contactBotStarted(let leg): contacts.noteBot(leg, at: time)
        case .contactQueued(let queued): contacts.noteQueued(queued, at: time)
        case .contactStepped(let queued): contacts.noteStepped(queued)
        case .contactPriorityChanged(let leg, let priority, _, _): contacts.notePriority(leg, priority)
        case .offerMade(let made):
            contacts.noteOffered(made, at: time)
            offers.note(made, at: time, position)
        case .offerAccepted(let ended):
            contacts.noteAccepted(ended, at: time)
            offers.note(ended, at: time)
        // What becomes of the contact is an event of its own.
        case .offerEnded(let ended): offers.note(ended, at: time)
        case .contactHeld(let leg, let agent): contacts.noteTalk(leg, with: agent, held: true, at: time)
        case .contactResumed(let leg, let agent): contacts.noteTalk(leg, with: agent, held: false, at: time)
        case .contactWrapping(let wrapping): contacts.note(wrapping, at: time)
        case .contactClosed(let closed):
            contacts.note(closed, at: time)
            clocks.noteClosed(closed.leg)
            try records.write(closed, at: time, position)
        // None changes what a row shows: the consultation is a contact of its own, and declines are in the record.
        case .contactDeclineExpired, .consultStarted, .consultEnded: break
        default: preconditionFailure("`fold` hands on the events of contacts only.")
        }
    }

    private func foldSettings(_ event: Event, at time: Timestamp, _ position: EventPosition) throws(DatabaseError) {
        switch event {
        case .tenantCreated(let id, let value): try settings.writeCreated(id, value, at: time, position)
        case .tenantChanged(let id, let value, let version):
            try settings.writeChanged(id, value, version: version, position)
        case .skillDefined(let tenant, let skill):
            try settings.writePut(.skill, skill.id, tenant, name: skill.name, version: 1, at: time, position)
        case .calendarPut(let tenant, let part): try settings.writePut(.calendar, part, tenant, at: time, position)
        case .routingPolicyPut(let tenant, let part):
            try settings.writePut(.routingPolicy, part, tenant, at: time, position)
        case .slaPolicyPut(let tenant, let part): try settings.writePut(.slaPolicy, part, tenant, at: time, position)
        case .webhookPut(let tenant, let part): try settings.writePut(.webhook, part, tenant, at: time, position)
        case .queueCreated(let id, let tenant, let value):
            try settings.writeCreated(id, tenant, value, at: time, position)
        case .queueChanged(let id, _, let value, let version):
            try settings.writeChanged(id, value, version: version, position)
        default: preconditionFailure("`fold` hands on the events of settings only.")
        }
    }

    private func foldPeople(_ event: Event, at time: Timestamp, _ position: EventPosition) throws(DatabaseError) {
        switch event {
        case .agentCreated(let id, let tenant, let profile):
            try agents.writeCreated(id, tenant, profile, at: time, position)
        case .agentChanged(let id, _, let profile, let version):
            try agents.writeChanged(id, profile, version: version, position)
        case .presenceChanged(let changed): try agents.write(changed, at: time, position)
        case .sessionConnected(let id, _, let session): try agents.writeConnected(id, session, at: time)
        case .sessionEnded(let id, _, let session, _): try agents.writeEnded(id, session)
        case .customerCreated(let id, let tenant, let profile):
            try people.writeCreated(id, tenant, profile, at: time, position)
        case .customerChanged(let id, _, let profile, let version):
            try people.writeChanged(id, profile, version: version, position)
        case .credentialCreated(let id, let spec): try people.writeCreated(id, spec, at: time, position)
        case .credentialRevoked(let id, _): try people.writeRevoked(id, at: time)
        case .inputQuarantined(_, let id, let input): try people.write(id, input, at: time, position)
        case .quarantineResolved(_, let id, let party): try people.writeResolved(id, by: party, at: time)
        default: preconditionFailure("`fold` hands on the events of people only.")
        }
    }
}
