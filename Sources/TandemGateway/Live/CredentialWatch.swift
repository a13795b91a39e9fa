internal import TandemCore
internal import TandemRuntime
internal import TandemTransport
internal import TandemWire

/// Ends a session with its credential: as soon as a revocation is committed, and when it expires in journaled time.
///
/// It looks at the credential once it follows it, so that no revocation falls between the check at the door and here; and
/// again when the partition has skipped events.
// Safe: touched on the session's loop only, but for constants.
final class CredentialWatch: @unchecked Sendable {
    private let id: CredentialID
    private let session: LiveSession
    private var subscription: UInt64?
    private var timer: TimerToken?
    private var isOver = false

    init(_ id: CredentialID, of session: LiveSession) {
        self.id = id
        self.session = session
        subscription = session.node.subscribe(partition: id.partition, to: .actor(ActorID(id))) { [self] _ in
            look()
        } deliver: { [self] events in
            for committed in events {
                guard case .credentialRevoked(id, _) = committed.event else { continue }
                return session.loop.run { self.refuse("the token was revoked") }
            }
        }
    }

    func cancel() {
        isOver = true
        if let subscription { session.node.unsubscribe(subscription, partition: id.partition) }
        subscription = nil
        if let timer { session.loop.cancel(timer) }
        timer = nil
    }

    private func look() {
        session.node.record(ActorID(id)) { [self] result in
            switch result {
            case .failure: session.loop.run { self.session.end(LiveClose.tryLater, "the token cannot be checked") }
            case .success(.credential(let credential)?):
                switch credential.state {
                case .valid(let spec): if let expiresAt = spec.expiresAt { keepTime(expiresAt) }
                case .absent, .revoked: session.loop.run { self.refuse("the token was revoked") }
                }
            case .success: session.loop.run { self.refuse("the token is unknown") }
            }
        }
    }

    private func keepTime(_ expiresAt: Timestamp) {
        session.node.read(partition: id.partition) {
            $0.now
        } release: { [self] now in
            session.loop.run { self.arm(expiresAt, now: now) }
        }
    }

    private func arm(_ expiresAt: Timestamp, now: Timestamp?) {
        guard !isOver else { return }
        guard let now else { return session.end(LiveClose.tryLater, "the token cannot be checked") }
        guard expiresAt > now else { return refuse("the token has expired") }
        let left = (expiresAt - now).count / (session.node.configuration.testClock ?? 1) + 1
        let wait = min(UInt64(clamping: left), session.limits.expiryLookMilliseconds)
        if let timer { session.loop.cancel(timer) }
        timer = session.loop.schedule(at: EventLoop.monotonicNanoseconds() &+ wait &* 1_000_000) { [self] in
            timer = nil
            keepTime(expiresAt)
        }
    }

    private func refuse(_ reason: String) {
        if !isOver { session.end(LiveClose.credential, reason) }
    }
}
