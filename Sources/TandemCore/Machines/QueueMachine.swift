/// `absent → present`: settings with a version, and the figures of the last eight days by half hours.
extension Queue: Machine {
    package init(absent id: QueueID) {
        self.init(id: id, tenant: nil, version: 0, settings: QueueSettings(name: ""), buckets: [])
    }

    package var isAbsent: Bool { tenant == nil }
    /// A queue stays: routing looks at it all the time.
    package var isDormant: Bool { isAbsent }
    package var nextDeadline: Timestamp? { nil }
    package var deadlines: [Deadline] { [] }

    package func decide(_ instruction: QueueCommand, _ turn: inout TurnContext) throws(DecideError) -> Decision {
        switch (tenant, instruction) {
        case (nil, .create(let tenant, let settings)):
            try Self.check(settings, in: tenant, turn)
            return Decision([.queueCreated(id, tenant, settings)], answer: Answer(actor: ActorID(id), version: 1))
        case (.some, .create): throw .refuse(.alreadyExists)
        case (nil, .change): throw .refuse(.notFound)
        case (let tenant?, .change(let settings, let expected)):
            try Version.check(expected, against: version)
            try Self.check(settings, in: tenant, turn)
            let next = settings == self.settings ? version : Version.next(after: version)
            return Decision(
                next == version ? [] : [.queueChanged(id, tenant, settings, version: next)],
                answer: Answer(actor: ActorID(id), version: next))
        }
    }

    package func wake(_ turn: inout TurnContext) throws(DecideError) -> Decision { Decision() }

    package mutating func apply(_ event: Event, at now: Timestamp) {
        switch event {
        case .queueCreated(let queue, let tenant, let settings):
            guard queue == id else { return }
            self.tenant = tenant
            version = 1
            self.settings = settings
        case .queueChanged(let queue, _, let settings, let version):
            guard queue == id else { return }
            self.version = version
            self.settings = settings
        case .contactQueued, .contactStepped, .offerAccepted, .contactClosed:
            if event.leg?.queue == id { count(event, at: now) }
        case .tenantCreated, .tenantChanged, .skillDefined, .calendarPut, .routingPolicyPut, .slaPolicyPut,
            .agentCreated, .agentChanged, .presenceChanged, .sessionConnected, .sessionEnded, .customerCreated,
            .customerChanged, .credentialCreated, .credentialRevoked, .conversationOpened, .conversationReopened,
            .messagePosted, .messagesDelivered, .messagesRead, .conversationClosed, .contactCreated,
            .contactBotStarted, .contactDeclineExpired, .contactPriorityChanged, .offerMade, .offerEnded, .contactHeld,
            .contactResumed, .consultStarted, .consultEnded, .contactWrapping, .clockActivated, .clockPaused,
            .clockResumed,
            .clockWarned, .clockBreached, .clockFulfilled, .clockPolicyApplied, .inputQuarantined, .quarantineResolved,
            .webhookPut, .deliveryDue, .deliveryResumed, .deliveryFailed, .deliveryDone:
            break
        }
    }

    private static func check(
        _ settings: QueueSettings, in tenant: TenantID, _ turn: TurnContext
    ) throws(DecideError) {
        guard let tenant = turn.view.tenant(tenant), !tenant.isAbsent else { throw .refuse(.notFound, field: "tenant") }
        try DecideError.refusing { () throws(Refusal) in try settings.validate(in: tenant) }
    }
}

// The figures by half hours.
extension Queue {
    /// Eight days of half hours: today and the same half hour of last week.
    static let bucketsSpan: Int64 = 8 * 48
    static let halfHour: Int64 = 1_800_000

    package func bucket(at moment: Timestamp) -> Bucket? {
        let halfHour = Self.halfHour(of: moment)
        return buckets.last { $0.halfHour <= halfHour }.flatMap { $0.halfHour == halfHour ? $0 : nil }
    }

    /// What has been decided in this half hour and the last one, for conditions on the level of service. Who still
    /// waits is not in it: `offered` is answered and abandoned.
    package func recentAnswers(at now: Timestamp) -> AnswerCounts {
        let current = Self.halfHour(of: now)
        var counts = AnswerCounts()
        for bucket in buckets.reversed() {
            guard bucket.halfHour > current.subtractingSaturated(2) else { break }
            if bucket.halfHour <= current { counts.add(bucket.answers) }
        }
        counts.offered = counts.answered.addingSaturated(counts.abandoned)
        return counts
    }

    private mutating func count(_ event: Event, at now: Timestamp) {
        let answers = AnswerCounts(event, at: now)
        let handled = HandleCounts(event)
        guard answers != AnswerCounts() || handled != HandleCounts() else { return }
        guard let place = placeOfBucket(Self.halfHour(of: now)) else { return }
        buckets[place].add(answers)
        buckets[place].handled = buckets[place].handled.adding(handled.handled)
        buckets[place].handleTime = buckets[place].handleTime + handled.time
    }

    /// Makes room for a half hour; nil when it is older than everything that is kept.
    private mutating func placeOfBucket(_ halfHour: Int64) -> Int? {
        let newest = max(halfHour, buckets.last?.halfHour ?? halfHour)
        let oldest = newest.subtractingSaturated(Self.bucketsSpan - 1)
        guard halfHour >= oldest else { return nil }
        if let first = buckets.first, first.halfHour < oldest { buckets.removeAll { $0.halfHour < oldest } }
        var place = buckets.count
        while place > 0, buckets[place - 1].halfHour >= halfHour { place -= 1 }
        if place == buckets.count || buckets[place].halfHour != halfHour {
            buckets.insert(Bucket(halfHour: halfHour), at: place)
        }
        return place
    }

    private static func halfHour(of moment: Timestamp) -> Int64 {
        let quotient = moment.milliseconds / halfHour
        return moment.milliseconds % halfHour < 0 ? quotient - 1 : quotient
    }
}

extension Queue.Bucket {
    package var answers: AnswerCounts {
        AnswerCounts(
            offered: Int64(offered), answered: Int64(answered), answeredInTarget: Int64(answeredInTarget),
            abandoned: Int64(abandoned), abandonedInTarget: Int64(abandonedInTarget),
            shortAbandoned: Int64(shortAbandoned))
    }

    fileprivate mutating func add(_ counts: AnswerCounts) {
        offered = offered.adding(counts.offered)
        answered = answered.adding(counts.answered)
        answeredInTarget = answeredInTarget.adding(counts.answeredInTarget)
        abandoned = abandoned.adding(counts.abandoned)
        abandonedInTarget = abandonedInTarget.adding(counts.abandonedInTarget)
        shortAbandoned = shortAbandoned.adding(counts.shortAbandoned)
    }
}

extension UInt32 {
    /// Saturates at both ends.
    fileprivate func adding(_ count: Int64) -> UInt32 { UInt32(clamping: Int64(self).addingSaturated(count)) }
}
