internal import Synchronization
package import TandemAPI
package import TandemCore
package import TandemRuntime
internal import TandemTransport
internal import TandemWire

/// Looks credentials up and keeps them at hand.
///
/// A credential that is kept is followed: its revocation drops it as soon as it is committed. Expiry is read off at each
/// use, in journaled time, which is carried on from the moment the credential was loaded. A node that has not had for a while
/// what was committed does not hear of revocations, and asks whoever leads first.
// Safe: `kept`, `order` and `lookups` are touched under `lock` only.
package final class Authenticator: @unchecked Sendable {
    /// Credentials kept at once, about 500 bytes each; over it the oldest leaves.
    static let keptMax = 50_000
    /// Credentials looked up at once; more are told to come again. Unknown tokens cost a look at the store each, which turns
    /// need too.
    package static let lookupsMax = 1_024

    /// How old what this node has may be where a kept credential is believed, in nanoseconds: so long after its revocation
    /// a node that is cut off still takes it. Long enough for an election, and for the node to ask beside the work.
    static let ageMax: UInt64 = 10_000_000_000

    private struct Kept {
        let spec: CredentialSpec
        /// Journaled time when it was loaded, and the monotonic nanosecond of that moment.
        let loadedAt: Timestamp
        let loadedNanoseconds: UInt64
        let subscription: UInt64
    }

    /// What the follower of one credential has seen.
    private final class Watch: Sendable {
        let hasBegun = Atomic<Bool>(false)
        let isRevoked = Atomic<Bool>(false)
    }

    private let node: Node
    private let lock = Lock()
    private var kept: [CredentialID: Kept] = [:]
    private var order: [CredentialID] = []
    private var oldest = 0
    private var lookups = 0

    package init(node: Node) { self.node = node }

    /// Checks a token; `done` is called at once when it is kept, else later on some thread.
    ///
    /// - Parameter mayBeOld: what is asked tells of this node alone, and is asked most when it is cut off: while nobody is
    ///   known to lead the credential's partition, the credential counts as this node has it.
    package func authenticate(
        _ token: Token, mayBeOld: Bool = false, done: @escaping @Sendable (Result<Caller, Problem>) -> Void
    ) {
        let number = token.credential.partition
        guard node.hasPartition(number) else { return done(.failure(Self.refused)) }
        if node.isFresh(number, within: Self.ageMax) { return check(token, done: done) }
        if mayBeOld, !node.knowsLeader(of: number) { return judgeHere(token, done: done) }
        // Once that is here, revocations have dropped what they concern.
        node.position(partition: number) { [self] position in
            if position == nil { done(.failure(node.unanswered(number))) } else { check(token, done: done) }
        }
    }

    private func judgeHere(_ token: Token, done: @escaping @Sendable (Result<Caller, Problem>) -> Void) {
        node.recordHere(ActorID(token.credential)) { [self] result in
            guard case .success((.credential(let credential)?, let time)) = result,
                case .valid(let spec) = credential.state
            else { return done(.failure(Self.refused)) }
            done(
                judge(
                    token,
                    Kept(
                        spec: spec, loadedAt: time, loadedNanoseconds: EventLoop.monotonicNanoseconds(),
                        subscription: 0)))
        }
    }

    private func check(_ token: Token, done: @escaping @Sendable (Result<Caller, Problem>) -> Void) {
        if let known = lock.withLock({ kept[token.credential] }) { return done(judge(token, known)) }
        let isTaken = lock.withLock {
            if lookups < Self.lookupsMax { lookups += 1 } else { return false }
            return true
        }
        guard isTaken else { return done(.failure(Problem(.busy, detail: "Too many unknown tokens at once."))) }
        load(token) { [self] result in
            lock.withLock { lookups -= 1 }
            done(result)
        }
    }

    /// Forgets one; for tests, and for whoever knows better.
    package func forget(_ id: CredentialID) {
        if let gone = lock.withLock({ kept.removeValue(forKey: id) }) {
            node.unsubscribe(gone.subscription, partition: id.partition)
        }
    }

    static let refused = Problem(.unauthenticated, detail: "The token is unknown or wrong.")

    private func judge(_ token: Token, _ known: Kept) -> Result<Caller, Problem> {
        guard token.matches(known.spec.secretDigest) else { return .failure(Self.refused) }
        if let expiresAt = known.spec.expiresAt, expiresAt <= now(since: known) {
            return .failure(Problem(.credentialExpired))
        }
        return .success(Caller(token.credential, known.spec, secret: token.secret))
    }

    private func now(since known: Kept) -> Timestamp {
        let passed = (EventLoop.monotonicNanoseconds() &- known.loadedNanoseconds) / 1_000_000
        let factor = node.configuration.testClock ?? 1
        return known.loadedAt + Milliseconds(Int64(clamping: passed).multipliedSaturated(by: factor))
    }

    /// Follows the credential first and loads it then, so that no revocation falls between.
    private func load(_ token: Token, done: @escaping @Sendable (Result<Caller, Problem>) -> Void) {
        let id = token.credential
        let watch = Watch()
        let subscription = node.subscribe(partition: id.partition, to: .actor(ActorID(id))) { [weak self] _ in
            guard watch.hasBegun.exchange(true, ordering: .sequentiallyConsistent) else { return }
            // Again: the partition has skipped events, a revocation perhaps.
            watch.isRevoked.store(true, ordering: .sequentiallyConsistent)
            self?.forget(id)
        } deliver: { [weak self] events in
            let isRevoked = events.contains { committed in
                if case .credentialRevoked(let revoked, _) = committed.event { return revoked == id }
                return false
            }
            guard isRevoked else { return }
            watch.isRevoked.store(true, ordering: .sequentiallyConsistent)
            self?.forget(id)
        }
        let fail: @Sendable (Problem) -> Void = { [node] problem in
            node.unsubscribe(subscription, partition: id.partition)
            done(.failure(problem))
        }
        node.record(ActorID(id)) { [self] result in
            switch result {
            case .failure: fail(node.unanswered(id.partition, .unavailable))
            case .success(.credential(let credential)?):
                switch credential.state {
                case .absent: fail(Self.refused)
                case .revoked(let spec, _):
                    fail(token.matches(spec.secretDigest) ? Problem(.credentialRevoked) : Self.refused)
                case .valid(let spec):
                    node.read(partition: id.partition) {
                        $0.now
                    } release: { [self] now in
                        guard let now else { return fail(node.unanswered(id.partition)) }
                        let known = Kept(
                            spec: spec, loadedAt: now, loadedNanoseconds: EventLoop.monotonicNanoseconds(),
                            subscription: subscription)
                        // A wrong secret is not worth a place: whoever guesses would push out those who know.
                        let verdict = judge(token, known)
                        if case .success = verdict {
                            keep(id, known)
                            // Revoked while it was being loaded: there was nothing to forget then.
                            if watch.isRevoked.load(ordering: .sequentiallyConsistent) { forget(id) }
                        } else {
                            node.unsubscribe(subscription, partition: id.partition)
                        }
                        done(verdict)
                    }
                }
            case .success: fail(Self.refused)
            }
        }
    }

    private func keep(_ id: CredentialID, _ known: Kept) {
        let gone = lock.withLock { () -> [(CredentialID, Kept)] in
            var gone: [(CredentialID, Kept)] = []
            if let other = kept.updateValue(known, forKey: id) { gone.append((id, other)) } else { order.append(id) }
            while kept.count > Self.keptMax, oldest < order.count {
                if let old = kept.removeValue(forKey: order[oldest]) { gone.append((order[oldest], old)) }
                oldest += 1
            }
            if oldest > Self.keptMax {
                order.removeFirst(oldest)
                oldest = 0
            }
            return gone
        }
        for (id, old) in gone { node.unsubscribe(old.subscription, partition: id.partition) }
    }
}
