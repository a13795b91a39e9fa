internal import TandemConsensus

/// Takes requests about the cluster on any node and has them carried out by whoever leads what decides them: the system
/// partition, or the partition that is to be handed over. They are asked again until there is an answer, or too long.
///
/// Belongs to the consensus loop; `submit` may be called from any thread.
// Safe: touched on the loop only, but for what is set once before anything happens.
package final class ClusterDesk: @unchecked Sendable {
    typealias Reply = @Sendable (Result<ClusterState, ClusterRefusal>) -> Void

    private static let patienceNanoseconds: UInt64 = 10_000_000_000
    private static let againNanoseconds: UInt64 = 1_000_000_000
    private static let soonNanoseconds: UInt64 = 50_000_000
    private static let waitingMax = 256

    private struct Waiting {
        let request: ClusterRequest
        let deadline: UInt64
        var next: UInt64
        /// A leadership was handed over: it has only to arrive.
        var handedOver: ClusterState?
        let reply: Reply
    }

    private let id: NodeID
    private let loop: any PartitionExecutor
    private let clock: any NodeClock
    private let system: SystemPartition
    private let mayLead: (UInt32) -> Bool
    private var replicas: [Replica] = []
    private var send: (_ isAnswer: Bool, _ bytes: [UInt8], _ node: UInt32) -> Void = { _, _, _ in }
    private var waiting: [UInt64: Waiting] = [:]
    private var number: UInt64

    /// - Parameters:
    ///   - id: of the node, and of its disk.
    ///   - life: of the node on that disk; answers to an earlier one mean others.
    ///   - mayLead: whether a node's clock is such that it may lead.
    init(
        id: NodeID, life: UInt64, loop: any PartitionExecutor, clock: any NodeClock, system: SystemPartition,
        mayLead: @escaping (UInt32) -> Bool
    ) {
        self.mayLead = mayLead
        self.id = id
        self.loop = loop
        self.clock = clock
        self.system = system
        number = UInt64(id.incarnation & 0xffff) << 48 | (life & 0xffff) << 32
    }

    /// - Parameter replicas: of all partitions by number, the system partition's last.
    func start(
        _ replicas: [Replica], send: @escaping (_ isAnswer: Bool, _ bytes: [UInt8], _ node: UInt32) -> Void
    ) {
        self.replicas = replicas
        self.send = send
    }

    func submit(_ request: ClusterRequest, reply: @escaping Reply) {
        loop.run { [self] in
            guard waiting.count < Self.waitingMax else {
                return reply(.failure(ClusterRefusal(.noLeader, "too many requests wait already")))
            }
            if case .transfer(let partition, _) = request, Int(partition) >= replicas.count {
                return reply(.failure(ClusterRefusal(.unknownNode, "there is no partition \(partition)")))
            }
            let now = clock.monotonic()
            number += 1
            waiting[number] = Waiting(
                request: request, deadline: now + Self.patienceNanoseconds, next: now, reply: reply)
            ask(number, at: now)
        }
    }

    func beat(at now: UInt64) {
        guard !waiting.isEmpty else { return }
        for number in waiting.keys.sorted() { ask(number, at: now) }
    }

    // MARK: Asking

    private func ask(_ number: UInt64, at now: UInt64) {
        guard let one = waiting[number] else { return }
        if let state = one.handedOver, case .transfer(let partition, let node) = one.request,
            replicas[Int(partition)].leader?.node == node
        {
            return settle(number, .success(state))
        }
        guard now < one.deadline else {
            let code: ClusterRefusal.Code = one.handedOver == nil ? .noLeader : .mayNotLead
            return settle(number, .failure(ClusterRefusal(code, "nobody did it in 10 seconds")))
        }
        guard now >= one.next, let leader = leader(for: one.request) else { return }
        waiting[number]?.next = now + Self.againNanoseconds
        if leader == id {
            perform(one.request) { [self] answer in
                loop.run { self.answered(number, answer) }
            }
        } else {
            send(false, ClusterCodec.encode(one.request, number: number, in: system.state.format), leader.node)
        }
    }

    private func leader(for request: ClusterRequest) -> NodeID? {
        if case .transfer(let partition, _) = request { return replicas[Int(partition)].leader }
        return replicas.last?.leader
    }

    private func answered(_ number: UInt64, _ answer: ClusterAnswer) {
        guard let one = waiting[number] else { return }
        switch answer {
        case .done(let state):
            if case .transfer = one.request {
                waiting[number]?.handedOver = state
            } else {
                settle(number, .success(state))
            }
        case .refused(let refusal): settle(number, .failure(refusal))
        case .notLeading: waiting[number]?.next = clock.monotonic() + Self.soonNanoseconds
        }
    }

    private func settle(_ number: UInt64, _ result: Result<ClusterState, ClusterRefusal>) {
        waiting.removeValue(forKey: number)?.reply(result)
    }

    // MARK: Being asked

    /// A request of another node; false if its bytes are none.
    func asked(_ bytes: [UInt8], by node: UInt32) -> Bool {
        guard let (number, request) = try? ClusterCodec.decodeRequest(bytes) else { return false }
        perform(request) { [self] answer in
            loop.run {
                self.send(true, ClusterCodec.encode(answer, number: number, in: self.system.state.format), node)
            }
        }
        return true
    }

    /// An answer of another node; false if its bytes are none.
    func heard(_ bytes: [UInt8]) -> Bool {
        guard let (number, answer) = try? ClusterCodec.decodeAnswer(bytes) else { return false }
        answered(number, answer)
        return true
    }

    private func perform(_ request: ClusterRequest, _ answer: @escaping @Sendable (ClusterAnswer) -> Void) {
        guard case .transfer(let partition, let node) = request else { return system.take(request, answer: answer) }
        guard Int(partition) < replicas.count, let member = system.state.member(node) else {
            return answer(.refused(ClusterRefusal(.unknownNode, "node \(node) does not belong to the cluster")))
        }
        guard member.role == .serving else {
            return answer(.refused(ClusterRefusal(.mayNotLead, "node \(node) is \(member.role.word)")))
        }
        guard mayLead(node) else {
            return answer(.refused(ClusterRefusal(.mayNotLead, "the clock of node \(node) is off")))
        }
        let replica = replicas[Int(partition)]
        if replica.leader?.node == node { return answer(.done(system.state)) }
        let state = system.state
        replica.transferLeadership(to: member.id) { refusal in
            switch refusal {
            case nil: answer(.done(state))
            case .badTarget: answer(.refused(ClusterRefusal(.mayNotLead, "node \(node) has no vote")))
            default: answer(.notLeading)
            }
        }
    }
}
