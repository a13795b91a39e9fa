package import TandemCore

extension API {
    /// The promises of a queue.
    package struct SLAPolicy: Described, Equatable {
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

    package struct SLATarget: Described, Equatable {
        package var metric: SLAMetric
        package var channels: ChannelSet
        package var target: Milliseconds
        package var calendar: CalendarID?

        package init(metric: SLAMetric, channels: ChannelSet, target: Milliseconds, calendar: CalendarID? = nil) {
            self.metric = metric
            self.channels = channels
            self.target = target
            self.calendar = calendar
        }
        package init(_ core: TandemCore.SLATarget) {
            self.init(metric: core.metric, channels: core.channels, target: core.target, calendar: core.calendar)
        }
        package var core: TandemCore.SLATarget {
            TandemCore.SLATarget(metric: metric, channels: channels, target: target, calendar: calendar)
        }

        package static let schemaDescription = "One promise: within `target` of business time, or of wall time."
        package static let schema = Schema.object([
            .required("metric", .word(SLAMetric.self), "`resolution` is refused: contacts do not promise it."),
            .required("channels", .array(.word(Channel.self), min: 1, max: Channel.allCases.count)),
            .required("target", .integer(1...Limits.durationMax.count)),
            .optional("calendar", .id(CalendarID.self), "Business time of this calendar; else of the queue's."),
        ])
    }
}
