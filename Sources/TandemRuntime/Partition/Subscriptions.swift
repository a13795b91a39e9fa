package import TandemCore
internal import TandemReadModel

/// What a live session follows.
package enum Topic: Hashable, Sendable {
    case actor(ActorID)
    /// Everything of one tenant; supervisors filter what they get.
    case tenant(TenantID)
    case everything
}

/// Who follows which committed events. Lives on its partition's executor; what is due to one subscriber from one batch
/// of commits is handed over at once.
struct Subscriptions {
    private struct Subscriber {
        let topic: Topic
        let begun: @Sendable (EventPosition) -> Void
        let deliver: @Sendable ([CommittedEvent]) -> Void
        var pending: [CommittedEvent] = []
    }

    private var subscribers: [UInt64: Subscriber] = [:]
    private var byTopic: [Topic: [UInt64]] = [:]
    private var waiting: [UInt64] = []

    var count: Int { subscribers.count }

    mutating func add(
        _ id: UInt64, _ topic: Topic, _ begun: @escaping @Sendable (EventPosition) -> Void,
        _ deliver: @escaping @Sendable ([CommittedEvent]) -> Void
    ) {
        subscribers[id] = Subscriber(topic: topic, begun: begun, deliver: deliver)
        byTopic[topic, default: []].append(id)
    }

    mutating func remove(_ id: UInt64) {
        guard let subscriber = subscribers.removeValue(forKey: id) else { return }
        byTopic[subscriber.topic]?.removeAll { $0 == id }
        if byTopic[subscriber.topic]?.isEmpty == true { byTopic[subscriber.topic] = nil }
    }

    mutating func publish(_ event: CommittedEvent) {
        guard !subscribers.isEmpty else { return }
        var topics: [Topic] = []
        event.event.forEachAudience { topics.append(.actor($0)) }
        if let tenant = event.event.tenant { topics.append(.tenant(tenant)) }
        topics.append(.everything)
        for topic in topics {
            guard let ids = byTopic[topic] else { continue }
            for id in ids { put(event, for: id) }
        }
    }

    private mutating func put(_ event: CommittedEvent, for id: UInt64) {
        guard var subscriber = subscribers.removeValue(forKey: id) else { return }
        if subscriber.pending.isEmpty { waiting.append(id) }
        // An agent may be concerned twice by one event: it is shown once.
        if subscriber.pending.last?.position != event.position { subscriber.pending.append(event) }
        subscribers[id] = subscriber
    }

    /// Everybody begins anew behind a position: what happened up to it was not published here.
    func begin(at position: EventPosition) {
        for (_, subscriber) in subscribers.sorted(by: { $0.key < $1.key }) { subscriber.begun(position) }
    }

    /// Hands over what is pending.
    mutating func deliver() {
        guard !waiting.isEmpty else { return }
        for id in waiting {
            guard var subscriber = subscribers[id], !subscriber.pending.isEmpty else { continue }
            let pending = subscriber.pending
            subscriber.pending = []
            subscribers[id] = subscriber
            subscriber.deliver(pending)
        }
        waiting.removeAll(keepingCapacity: true)
    }
}
