import Synchronization
import TandemConsensus
import TandemJournal
import TandemTransport
import TandemWire

@testable import TandemRuntime

/// Nodes of one cluster in memory, on the test's own thread: each with one partition and its part in the cluster. Who is
/// dialled, who is let in and who is asked is decided by what real nodes run; only sockets and disks are the test's.
final class Fleet {
    let executor = HandExecutor()
    let clock = HandClock(monotonic: 50_000_000_000)
    let post = HandPost()
    private(set) var nodes: [UInt32: Vessel] = [:]
    private let configuration: ClusterConfiguration
    private let founding: ClusterState
    private var cut: Set<UInt32> = []
    private var links: Set<Link> = []
    /// Why one node did not let another in, last.
    private(set) var refusals: [Link: PeerRefusal] = [:]

    /// From one node to another; connections are kept from the lower number to the higher.
    struct Link: Hashable {
        let from: UInt32
        let to: UInt32
    }

    /// - Parameters:
    ///   - founders: how many found it; one is a node alone that others can reach.
    ///   - formats: what each node reads.
    ///   - change: changes what the founders' first leader writes.
    init(
        _ founders: Int, formats: (UInt32) -> ClosedRange<UInt8> = { _ in WireVersion.read },
        change: (inout ClusterConfiguration) -> Void = { _ in }, founding: (ClusterState) -> ClusterState = { $0 }
    ) throws {
        let numbers = (1...UInt32(founders))
        var configuration = ClusterConfiguration(name: "fleet", listen: try Self.address(1))
        for number in numbers where founders > 1 { configuration.members[number] = try Self.address(number) }
        change(&configuration)
        self.configuration = configuration
        let alone = ClusterState.Member(
            node: 1, address: try Self.address(1).description, role: .serving, formats: formats(1))
        self.founding = founding(
            founders > 1
                ? configuration.founding
                : ClusterState(
                    id: ClusterID(high: 1, low: 2), name: "of node 1", format: WireVersion.current, members: [alone]))
        for number in numbers {
            nodes[number] = Vessel(number, disk: UInt64(number) * 11, formats: formats(number))
            try start(number)
        }
    }

    static func address(_ number: UInt32) throws -> SocketAddress {
        try SocketAddress(host: "10.0.0.\(number)", port: 7_500)
    }

    subscript(number: UInt32) -> Vessel {
        // Safe: a test names nodes that it has made.
        nodes[number]!
    }

    // MARK: Life

    /// Starts a node from what its disk has, or else as a founder.
    func start(_ number: UInt32) throws {
        let vessel = self[number]
        let founders = { [configuration] (group: UInt16) in
            vessel.hasJoined ? Membership.none : configuration.membership(of: vessel.id, in: group)
        }
        let remembered = try vessel.journals[1].meta(NodeIdentity.stateKey).flatMap(HexadecimalText.decode)
            .map { try ClusterCodec.decodeState($0) }
        try vessel.start(
            state: remembered ?? founding, founders: founders,
            addresses: vessel.hasJoined ? [:] : configuration.members.mapValues(\.description),
            listens: configuration.members[number] == nil || vessel.hasJoined
                ? try Self.address(number).description : "", in: self)
        settle()
    }

    /// The process ends: what was not durable is gone.
    func crash(_ number: UInt32) {
        self[number].crash()
        relink()
    }

    /// Cuts a node off from all others, or lets it back.
    func isolate(_ number: UInt32, _ isIsolated: Bool = true) {
        if isIsolated { cut.insert(number) } else { cut.remove(number) }
        relink()
    }

    /// Asks `member` to let a node with an empty disk in, and starts it when it may.
    func join(
        _ number: UInt32, disk: UInt64, through member: UInt32, formats: ClosedRange<UInt8> = WireVersion.read
    ) throws {
        let joining = ClusterRequest.Joining(
            node: number, disk: disk, address: try Self.address(number).description, formats: formats)
        let state = try ask(.join(joining), at: member).get()
        if nodes[number] != nil { crash(number) }
        let generation = state.member(number)?.generation ?? 0
        let vessel = Vessel(number, generation: generation, disk: disk, formats: formats, hasJoined: true)
        vessel.journals[1].know(NodeIdentity.stateKey, NodeIdentity.text(state))
        nodes[number] = vessel
        try start(number)
    }

    // MARK: Connections

    private func relink() {
        for (low, lower) in nodes.sorted(by: { $0.key < $1.key }) {
            for (high, higher) in nodes.sorted(by: { $0.key < $1.key }) where high > low {
                let link = Link(from: low, to: high)
                let isUp = connects(lower, higher)
                if isUp, !links.contains(link) {
                    links.insert(link)
                    lower.found(higher)
                    higher.found(lower)
                } else if !isUp, links.contains(link) {
                    links.remove(link)
                    lower.lost(higher, at: clock.monotonic())
                    higher.lost(lower, at: clock.monotonic())
                }
            }
        }
    }

    private func connects(_ one: Vessel, _ other: Vessel) -> Bool {
        guard let first = one.process, let second = other.process, !cut.contains(one.number),
            !cut.contains(other.number),
            first.peers.dialled[other.number] != nil || second.peers.dialled[one.number] != nil
        else { return false }
        let asked = first.peers.refusal(of: other.identity)
        let asking = second.peers.refusal(of: one.identity)
        refusals[Link(from: one.number, to: other.number)] = asked
        refusals[Link(from: other.number, to: one.number)] = asking
        return asked == nil && asking == nil
    }

    func areLinked(_ one: UInt32, _ other: UInt32) -> Bool {
        links.contains(Link(from: min(one, other), to: max(one, other)))
    }

    // MARK: Time

    func settle() {
        repeat {
            executor.drain(at: clock.monotonic())
            relink()
        } while deliver() || executor.hasWork(at: clock.monotonic())
    }

    private func deliver() -> Bool {
        var anything = false
        for number in nodes.keys.sorted() {
            for journal in self[number].journals where journal.answer() { anything = true }
        }
        for letter in post.take() {
            anything = true
            guard areLinked(letter.from, letter.to), let process = nodes[letter.to]?.process else { continue }
            switch letter.content {
            case .raft(let message, let group):
                // What was said to or by another life is void.
                guard message.to == self[letter.to].id, message.from == self[letter.from].id else { continue }
                process.replicas[Int(group)].receive(message)
            case .request(let bytes):
                if process.part.desk?.asked(bytes, by: letter.from) != true { process.peers.garbled += 1 }
            case .answer(let bytes): if process.part.desk?.heard(bytes) != true { process.peers.garbled += 1 }
            }
        }
        return anything
    }

    /// Lets ticks of 10 ms pass for everybody.
    func tick(_ count: Int = 1) {
        for _ in 0..<count {
            clock.pass(milliseconds: 10)
            for number in nodes.keys.sorted() { self[number].tick(at: clock.monotonic()) }
            settle()
        }
    }

    struct NeverHappened: Error { let groups: [String] }

    /// Lets time pass until something holds; half a minute at most.
    func wait(until holds: () throws -> Bool) throws {
        for _ in 0..<3_000 {
            if try holds() { return }
            tick()
        }
        throw NeverHappened(
            groups: nodes.keys.sorted().compactMap { number in
                self[number].process.map { "node \(number): \($0.replicas.map(\.membership.description))" }
            })
    }

    // MARK: Asking

    /// Asks at a node, and lets time pass until there is an answer.
    func ask(_ request: ClusterRequest, at number: UInt32) throws -> Result<ClusterState, ClusterRefusal> {
        let answer = submit(request, at: number)
        try wait { answer.get() != nil }
        // Safe: it was waited for.
        return answer.get()!
    }

    /// Asks at a node; the answer comes when the test lets things happen.
    func submit(
        _ request: ClusterRequest, at number: UInt32
    ) -> Mutexed<Result<ClusterState, ClusterRefusal>?> {
        let answer = Mutexed<Result<ClusterState, ClusterRefusal>?>(nil)
        self[number].process?.part.desk?.submit(request) { result in
            precondition(answer.get() == nil, "answered once")
            answer.set(result)
        }
        return answer
    }

    /// Who leads a group: 0 the partition, 1 the system partition; on the word of those that run.
    func leader(_ group: Int) -> UInt32? {
        nodes.keys.sorted().first { number in
            guard let process = self[number].process, !cut.contains(number) else { return false }
            return process.replicas[group].leader == self[number].id
        }
    }

    /// The cluster as a node has it.
    func state(at number: UInt32) -> ClusterState? { self[number].process?.part.system.state }

    func role(_ number: UInt32, at asked: UInt32) -> ClusterState.Role? { state(at: asked)?.member(number)?.role }

    /// Who votes in a group, and who only learns, on a node's word: `1 2 3 ~4`, a later life as `3.1`.
    func members(_ group: Int, at number: UInt32) -> String {
        guard let membership = self[number].process?.replicas[group].membership else { return "" }
        let words =
            membership.voters.map { "\($0)".dropFirst() } + membership.learners.map { "~\("\($0)".dropFirst())" }
        return (membership.isJoint ? "joint " : "") + words.joined(separator: " ")
    }

    /// Waits until both groups have these members, on the word of some nodes.
    func wait(for members: String, at numbers: UInt32...) throws {
        try wait { numbers.allSatisfy { at in (0...1).allSatisfy { self.members($0, at: at) == members } } }
    }

    /// Writes a text to the partition, at whoever leads, and waits until it is committed.
    func write(_ text: String) throws {
        let isDone = Mutexed(false)
        var next = clock.monotonic()
        try wait {
            if !isDone.get(), clock.monotonic() >= next, let leader = leader(0), let process = self[leader].process {
                next = clock.monotonic() + 500_000_000
                process.texts.write(text, to: process.replicas[0]) { isDone.set(true) }
            }
            return isDone.get()
        }
    }

    /// What a node has of the partition, each text once.
    func texts(_ number: UInt32) -> [String] { self[number].process?.texts.all ?? [] }
}
