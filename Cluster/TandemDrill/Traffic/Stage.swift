internal import Synchronization
internal import TandemTransport

/// What the clients of a run share: one loop, the nodes they may go to, and who takes down what they did.
final class Stage: Sendable {
    let loop: EventLoop
    let addresses: [SocketAddress]
    let recorder: Recorder
    private let isEndingFlag = Atomic<Bool>(false)
    private let lock = Lock()
    private let present = Present()

    /// How long a client of HTTP waits for an answer before it asks another node.
    static let answerMilliseconds: UInt64 = 4_000
    /// How long something is tried before it is given up.
    static let patienceMilliseconds: UInt64 = 30_000
    /// How long a client lets pass before it tries again.
    static let pauseMilliseconds: UInt64 = 100
    /// How often a customer has something to say.
    static let paceMilliseconds: UInt64 = 30

    init(_ loop: EventLoop, _ addresses: [SocketAddress], _ recorder: Recorder) {
        self.loop = loop
        self.addresses = addresses
        self.recorder = recorder
    }

    /// Nobody begins anything new.
    var isEnding: Bool { isEndingFlag.load(ordering: .relaxed) }
    func beginEnding() { isEndingFlag.store(true, ordering: .relaxed) }

    /// Customers that still have something under way.
    var busy: [String] { lock.withLock { present.names.sorted() } }
    func enter(_ process: String) { lock.withLock { _ = present.names.insert(process) } }
    func leave(_ process: String) { lock.withLock { _ = present.names.remove(process) } }

    // Safe: touched under the stage's lock only.
    private final class Present: @unchecked Sendable {
        var names: Set<String> = []
    }

    @discardableResult
    func after(milliseconds: UInt64, _ work: @escaping @Sendable () -> Void) -> TimerToken {
        loop.schedule(at: EventLoop.monotonicNanoseconds() + milliseconds * 1_000_000, work)
    }

    /// Something that a client is about to ask for; what is said in it tells where it comes from, and is as long as what
    /// people write.
    func operation(_ kind: Operation.Kind, of process: String, in branch: Branch) -> Operation {
        let key = "\(process).\(recorder.nextNumber())"
        var operation = Operation(
            process: process, kind: kind, key: key, partition: branch.partition, tenant: branch.tenant,
            invoked: EventLoop.monotonicNanoseconds())
        if kind.leavesText { operation.text = key + String(repeating: " so", count: max(1, (120 - key.count) / 3)) }
        return operation
    }
}

/// One tenant of the run, which lives in one partition, and who works and asks there.
struct Branch: Sendable {
    struct Person: Sendable {
        let id: String
        let token: String
    }

    let number: Int
    let tenant: String
    let partition: Int
    let queue: String
    let supervisor: String
    let customers: [Person]
    let agents: [Person]
    /// What the queue promises: a conversation that waits for an agent is over so many milliseconds after it was opened.
    /// None is.
    static let promiseMilliseconds: Int64 = 250
    /// Contacts that an agent may hold.
    static let slots = 2

    /// The body with which a customer opens a conversation; with the bot it waits for nobody.
    func opening(_ operation: Operation, withBot: Bool) -> String {
        "{\"contact\":{\"channel\":\"chat\",\"queue\":\"\(queue)\"" + (withBot ? ",\"bot\":true" : "")
            + ",\"message\":{\(operation.textMember)}}}"
    }
}
