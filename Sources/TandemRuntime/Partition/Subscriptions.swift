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
        event.event.forEachAudience { put(event, of: .actor($0)) }
        if let tenant = event.event.tenant { put(event, of: .tenant(tenant)) }
        put(event, of: .everything)
    }

    private mutating func put(_ event: CommittedEvent, of topic: Topic) {
        guard let ids = byTopic[topic] else { return }
        for id in ids {
            guard let place = subscribers.index(forKey: id) else { continue }
            if subscribers.values[place].pending.isEmpty { waiting.append(id) }
            // An agent may be concerned twice by one event: it is shown once.
            if subscribers.values[place].pending.last?.position == event.position { continue }
            subscribers.values[place].pending.append(event)
        }
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
