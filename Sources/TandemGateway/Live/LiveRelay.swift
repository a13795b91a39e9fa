internal import TandemCore
internal import TandemRuntime
internal import TandemTransport

/// Carries what partitions tell sessions from the partitions' loops to the sessions': one wake per pair of loops and
/// batch, however many answers and events that is.
///
/// Of one batch the events come first, then the answers. So when a client gets an acknowledgement with a position, it has
/// got every event up to it, and may resume from the highest position it has seen in any frame.
final class LiveRelay: Sendable {
    private let desks: [Desk]
    private let loops: [EventLoop]

    init(_ loops: [EventLoop]) {
        self.loops = loops
        desks = loops.map { Desk($0, targets: loops) }
    }

    /// The number of a session's loop.
    func place(of loop: EventLoop) -> Int? { loops.firstIndex { $0 === loop } }

    /// Events of one commit; called on the partition's loop.
    func put(_ events: [CommittedEvent], to session: LiveSession) {
        put(.events(session, events), to: session)
    }

    /// Something to be done on the session's loop, in its place among the events.
    func put(to session: LiveSession, _ work: @escaping @Sendable (LiveSession) -> Void) {
        put(.work(session, work), to: session)
    }

    func put(_ outcome: Outcome, of asked: Asked, to session: LiveSession) {
        let reply = Reply(session: session, asked: asked, outcome: outcome)
        if let place = session.place, let desk = desks.first(where: { $0.source.isCurrent }) {
            desk.put(reply, for: place)
        } else {
            session.loop.run { reply.hand() }
        }
    }

    private func put(_ parcel: Parcel, to session: LiveSession) {
        if let place = session.place, let desk = desks.first(where: { $0.source.isCurrent }) {
            desk.put(parcel, for: place)
        } else {
            // From a thread that is no loop of the node's, a reader's say: it has nothing to gather.
            session.loop.run { parcel.hand() }
        }
    }

    fileprivate enum Parcel: Sendable {
        case events(LiveSession, [CommittedEvent])
        case work(LiveSession, @Sendable (LiveSession) -> Void)

        func hand() {
            switch self {
            case .events(let session, let events): session.take(events)
            case .work(let session, let work): work(session)
            }
        }
    }

    fileprivate struct Reply: Sendable {
        let session: LiveSession
        let asked: Asked
        let outcome: Outcome

        func hand() { session.take(outcome, of: asked) }
    }

    fileprivate struct Load: Sendable {
        var parcels: [Parcel] = []
        var replies: [Reply] = []

        var isEmpty: Bool { parcels.isEmpty && replies.isEmpty }

        func hand() {
            for parcel in parcels { parcel.hand() }
            for reply in replies { reply.hand() }
        }
    }

    /// What one loop has gathered in its batch.
    // Safe: touched on `source` only.
    private final class Desk: @unchecked Sendable {
        let source: EventLoop
        private let targets: [EventLoop]
        private var loads: [Load]
        private var isScheduled = false

        init(_ source: EventLoop, targets: [EventLoop]) {
            self.source = source
            self.targets = targets
            loads = targets.map { _ in Load() }
        }

        func put(_ parcel: Parcel, for place: Int) {
            loads[place].parcels.append(parcel)
            schedule()
        }

        func put(_ reply: Reply, for place: Int) {
            loads[place].replies.append(reply)
            schedule()
        }

        private func schedule() {
            guard !isScheduled else { return }
            isScheduled = true
            source.afterBatch { [self] in send() }
        }

        private func send() {
            isScheduled = false
            for place in targets.indices where !loads[place].isEmpty {
                let load = loads[place]
                loads[place] = Load()
                if targets[place] === source { load.hand() } else { targets[place].run { load.hand() } }
            }
        }
    }
}

/// A command on its way: what its answer is told with.
struct Asked: Sendable {
    /// The client's own name for it; without one it is not acknowledged.
    let id: String?
    /// Of a message: where it was posted.
    let conversation: ConversationID?
}
