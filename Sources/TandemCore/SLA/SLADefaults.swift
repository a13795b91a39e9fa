extension SLAPolicySpec {
    /// What a queue promises that has no policy of its own: voice answered in 20 s, chat in 30 s; messaging replied to
    /// in 2 min, email and app messages in 2 h.
    package static let standard = SLAPolicySpec(
        name: "standard",
        targets: [
            SLATarget(metric: .answer, channels: .voice, target: .seconds(20)),
            SLATarget(metric: .answer, channels: .chat, target: .seconds(30)),
            SLATarget(metric: .firstReply, channels: .messaging, target: .minutes(2)),
            SLATarget(metric: .firstReply, channels: [.email, .social], target: .hours(2)),
        ])
}

extension SLAPolicy {
    /// The threshold of a queue's service level: its policy's answer target, or the standard one where it has no
    /// policy; nil: no answer is promised on that channel.
    package static func answerTarget(_ policy: SLAPolicy?, channel: Channel) -> Milliseconds? {
        (policy?.spec ?? .standard).target(for: .answer, channel: channel)?.target
    }
}
