package import TandemCore

extension API {
    /// The promises of a queue.
    package struct SLAPolicy: PartSettings {
        package var name: String
        package var targets: [SLATarget]

        package init(name: String, targets: [SLATarget]) {
            self.name = name
            self.targets = targets
        }
        package init(_ core: SLAPolicySpec) {
            self.init(name: core.name, targets: core.targets.map(SLATarget.init))
        }
        package var core: SLAPolicySpec { SLAPolicySpec(name: name, targets: targets.map(\.core)) }

        package static let schemaDescription = "The promises of a queue: the first target that fits a contact counts."
        package static let schema = Schema.object([
            .required("name", .name),
            .required("targets", .array(.named(SLATarget.self), max: Limits.targetsPerPolicyMax)),
        ])
    }

    /// What came of one page of conversations to which a policy was applied.
    package struct PolicyApplication: Described, Equatable {
        package var queue: QueueID
        package var conversations: Int
        package var skipped: Int
        package var next: String?

        package init(queue: QueueID, conversations: Int, skipped: Int, next: String?) {
            self.queue = queue
            self.conversations = conversations
            self.skipped = skipped
            self.next = next
        }

        package static let schemaDescription = "A queue's promises, applied to a page of conversations."
        package static let schema = Schema.object([
            .required("queue", .id(QueueID.self)),
            .required("conversations", .count, "Those with clocks of the queue; all of them have its promises now."),
            .required("skipped", .count, "Those that were refused: set aside in the quarantine, or gone."),
            .optional("next", .text, "The `cursor` of the next page; absent: that was all."),
        ])
    }

    package struct SLATarget: Described, Equatable {
        package var metric: SLAMetric
        package var channels: ChannelSet
        package var target: Milliseconds
        package var calendar: CalendarID?
        package var warnPercent: UInt8?

        package init(
            metric: SLAMetric, channels: ChannelSet, target: Milliseconds, calendar: CalendarID? = nil,
            warnPercent: UInt8? = nil
        ) {
            self.metric = metric
            self.channels = channels
            self.target = target
            self.calendar = calendar
            self.warnPercent = warnPercent
        }
        package init(_ core: TandemCore.SLATarget) {
            self.init(
                metric: core.metric, channels: core.channels, target: core.target, calendar: core.calendar,
                warnPercent: core.warnPercent)
        }
        package var core: TandemCore.SLATarget {
            TandemCore.SLATarget(
                metric: metric, channels: channels, target: target, calendar: calendar,
                warnPercent: warnPercent ?? TandemCore.SLATarget.warnPercentUsual)
        }

        package static let schemaDescription = "One promise: within `target` of business time, or of wall time."
        package static let schema = Schema.object([
            .required(
                "metric", .word(SLAMetric.self),
                "`resolution` is the conversation's, promised by its first contact's queue."),
            .required("channels", .array(.word(Channel.self), min: 1, max: Channel.allCases.count)),
            .required("target", .integer(1...Limits.durationMax.count)),
            .optional("calendar", .id(CalendarID.self), "Business time of this calendar; else of the queue's."),
            .optional("warnPercent", .integer(1...99), "The share of the target at which it warns; 80 if left out."),
        ])
    }
}
