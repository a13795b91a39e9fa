internal import Synchronization
internal import TandemCore
internal import TandemRuntime

/// Where a contact stands in its queue, and how long it will probably wait.
struct QueueFigure: Hashable, Sendable {
    let contact: ContactID
    let queue: QueueID
    /// 1 is next; 0: it is being offered to an agent.
    let position: Int
    let waiting: Int
    /// Nil: unknown.
    let estimate: Milliseconds?

    /// Nil for a contact that neither waits nor is offered.
    init?(_ leg: Contact, _ view: PartitionView) {
        contact = leg.id
        queue = leg.queue
        let standing = view.standing(of: leg.id, in: leg.queue)
        waiting = standing.waiting
        switch leg.state {
        case .queued:
            position = standing.position ?? standing.waiting
            estimate = view.queue(leg.queue).flatMap {
                EstimatedWait.estimate(queue: $0, standing: standing, now: view.now)
            }
        case .offered:
            position = 0
            estimate = .zero
        case .created, .bot, .connected, .held, .wrapping: return nil
        }
    }
}

/// The queue a session follows while its customer waits there, and what he was told last.
struct QueuePlace {
    var queue: QueueID?
    var subscription: UInt64?
    var told: QueueFigure?
    /// Something has moved that was not looked at yet; set on the partition's loop, cleared on the session's.
    let isStirred = Stirred()

    func isNews(_ figure: QueueFigure) -> Bool {
        told?.contact != figure.contact || told?.position != figure.position || told?.estimate != figure.estimate
    }
}

/// A flag that two loops share.
final class Stirred: Sendable {
    private let flag = Atomic<Bool>(false)

    /// True: it was down.
    func raise() -> Bool { !flag.exchange(true, ordering: .relaxed) }
    func lower() { flag.store(false, ordering: .relaxed) }
}

extension Conversation {
    /// The leg that has the customer: with the bot, waiting, offered, connected or held.
    var customersLeg: Contact? { liveLeg.map { contacts[$0] } }
}
