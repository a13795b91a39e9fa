internal import Foundation
internal import TandemCore
package import TandemTransport

/// Asks the system for the numbers of hosts, so that nobody waits for another tenant's name servers.
///
/// The system's resolver blocks, for half a minute where a name server is silent. So each question has a thread while it is
/// under way, and the threads are divided:
///
/// - Of a tenant and a host one question is under way; whoever asks the same meanwhile hears its answer.
/// - A tenant has at most `perTenantMax` under way.
/// - Tenants of whom a question was slow within the last minute share `slowMax` of the threads; the rest are the others'.
///
/// Nobody waits for the threads: one that hangs in the resolver is left there when the process ends.
// Safe: what changes is touched under `lock` only.
package final class NameDesk: @unchecked Sendable {
    package typealias Resolve = @Sendable (_ host: String, _ port: UInt16) throws(TransportError) -> SocketAddress

    struct Question: Hashable {
        let tenant: TenantID
        let host: String
        let port: UInt16
    }

    /// Threads at once; each has a few sockets to name servers.
    package static let threadsMax = 8
    static let slowMax = 4
    static let perTenantMax = 2
    /// A question is slow from then on, in nanoseconds.
    static let slowFrom: UInt64 = 1_000_000_000
    /// For how long a tenant is slow, in nanoseconds.
    static let slowFor: UInt64 = 60_000_000_000

    private typealias Answer = @Sendable (SocketAddress?) -> Void

    private struct Asked {
        var waiting: [UInt64: Answer] = [:]
        /// Nil: no thread has it yet.
        var begun: UInt64?
    }

    private struct State {
        var asked: [Question: Asked] = [:]
        /// Those that no thread has yet, the longest waiting first.
        var order: [Question] = []
        var underWay: [TenantID: Int] = [:]
        /// Until when tenants are slow.
        var slow: [TenantID: UInt64] = [:]
        var threads = 0
        /// Of those, how many began for tenants that were slow.
        var slowThreads = 0
        var isStopped = false
    }

    private let slowFrom: UInt64
    private let resolve: Resolve
    private let lock = Lock()
    private var state = State()

    init(slowFrom: UInt64 = NameDesk.slowFrom, resolve: @escaping Resolve) {
        self.slowFrom = slowFrom
        self.resolve = resolve
    }

    /// Asks; `answer` is called once, on some thread, with the number or with nil: the name is not known. From any thread.
    /// - Parameter ticket: names the answer, to do without it later; nobody else's
    func ask(_ question: Question, ticket: UInt64, _ answer: @escaping @Sendable (SocketAddress?) -> Void) {
        let first: Lookup? = lock.withLock {
            guard !state.isStopped else { return nil }
            if state.asked[question] == nil { state.order.append(question) }
            state.asked[question, default: Asked()].waiting[ticket] = answer
            guard state.threads < Self.threadsMax, let lookup = begin() else { return nil }
            state.threads += 1
            return lookup
        }
        if let first { Thread.detachNewThread { [self] in work(first) } }
    }

    /// The answer is not waited for any more.
    ///
    /// - Returns: how long the question has been under way, in nanoseconds; nil: no thread has it yet.
    func withdraw(_ question: Question, ticket: UInt64) -> UInt64? {
        lock.withLock {
            state.asked[question]?.waiting[ticket] = nil
            if let begun = state.asked[question]?.begun { return Self.now() - begun }
            if state.asked[question]?.waiting.isEmpty ?? false {
                state.asked[question] = nil
                state.order.removeAll { $0 == question }
            }
            return nil
        }
    }

    /// Nothing is asked or answered any more. Does not wait.
    func stop() {
        lock.withLock {
            state.isStopped = true
            state.asked = [:]
            state.order = []
        }
    }

    private static func now() -> UInt64 { EventLoop.monotonicNanoseconds() }

    // MARK: Threads

    private struct Lookup {
        let question: Question
        let isSlow: Bool
    }

    /// A thread's life: one question after another, until there is none that may be asked.
    private func work(_ first: Lookup) {
        Thread.current.name = "names"
        var lookup: Lookup? = first
        while let current = lookup {
            let found = try? resolve(current.question.host, current.question.port)
            for answer in lock.withLock({ end(current) }) { answer(found) }
            lookup = lock.withLock {
                let next = begin()
                if next == nil { state.threads -= 1 }
                return next
            }
        }
    }

    /// Under the lock: the longest waiting question that may be asked.
    private func begin() -> Lookup? {
        let now = Self.now()
        for (place, question) in state.order.enumerated() {
            let isSlow = state.slow[question.tenant, default: 0] > now
            guard state.underWay[question.tenant, default: 0] < Self.perTenantMax,
                !isSlow || state.slowThreads < Self.slowMax
            else { continue }
            state.order.remove(at: place)
            state.asked[question]?.begun = now
            state.underWay[question.tenant, default: 0] += 1
            if isSlow { state.slowThreads += 1 }
            return Lookup(question: question, isSlow: isSlow)
        }
        return nil
    }

    /// Under the lock: who hears its answer.
    private func end(_ lookup: Lookup) -> [Answer] {
        let tenant = lookup.question.tenant
        let left = state.underWay[tenant, default: 1] - 1
        state.underWay[tenant] = left == 0 ? nil : left
        if lookup.isSlow { state.slowThreads -= 1 }
        guard let asked = state.asked.removeValue(forKey: lookup.question), let begun = asked.begun else { return [] }
        let now = Self.now()
        state.slow = state.slow.filter { $0.value > now }
        if now - begun >= slowFrom { state.slow[tenant] = now + Self.slowFor }
        return Array(asked.waiting.values)
    }
}
