/// The promises of a queue: a target per metric and, where wanted, a calendar.
package typealias SLAPolicy = SettingPart<SLAPolicySpec>

package struct SLAPolicySpec: SettingSpec {
    package typealias Kind = SLAPolicyKind
    package var name: String
    package var targets: [SLATarget]
    package init(name: String, targets: [SLATarget]) {
        self.name = name
        self.targets = targets
    }

    /// The first target that fits; nil: no promise is made.
    package func target(for metric: SLAMetric, channel: Channel) -> SLATarget? {
        targets.first { $0.metric == metric && $0.channels.contains(channel) }
    }
}

package struct SLATarget: Hashable, Sendable {
    package static let warnPercentUsual: UInt8 = 80

    package var metric: SLAMetric
    package var channels: ChannelSet
    package var target: Milliseconds
    /// Business time of this calendar; nil: of the queue's calendar, and wall time where the queue has none.
    package var calendar: CalendarID?
    /// The share of the target at which it warns: 1 to 99 percent.
    package var warnPercent: UInt8
    package init(
        metric: SLAMetric, channels: ChannelSet, target: Milliseconds, calendar: CalendarID? = nil,
        warnPercent: UInt8 = warnPercentUsual
    ) {
        self.metric = metric
        self.channels = channels
        self.target = target
        self.calendar = calendar
        self.warnPercent = warnPercent
    }
}
