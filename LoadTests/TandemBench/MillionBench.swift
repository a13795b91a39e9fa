internal import TandemCore
internal import TandemRuntime

/// A million open conversations: what each costs in memory, and how soon a node is back with them.
enum MillionBench {
    /// Half of the conversations are with the bot, half wait for an agent; in each the customer has said something.
    ///
    /// `actor.open.bytes` is what the system gives a process that has come back with them, less what it gives one that
    /// has come up on an empty directory, by conversation: the actors and their records, the tables that find them,
    /// their places in the routing indexes, their timers, and what memory is lost between them. Text is in none of it:
    /// actors do not hold it. `restart.million` is the time from opening the directory until the node leads.
    static let benchmark = Benchmark(
        names: ["actor.open.bytes", "restart.million"], about: "1,000,000 open conversations, and a restart with them"
    ) { effort in
        let count = effort.scaled(1_000_000)
        let scratch = try Scratch()
        let empty = try Scratch()
        let workplace = try await Workplace(at: scratch.path)
        try await open(count, at: workplace)
        await workplace.close()

        let nothing = try SecondLife.measured(in: empty.path)
        let life = try SecondLife.measured(in: scratch.path)
        guard life.conversations >= count else { throw Failed(commands: count - life.conversations) }
        let bytes = Double(life.residentBytes - nothing.residentBytes) / Double(count)
        return [
            Figure(name: "actor.open.bytes", value: bytes, unit: "bytes"),
            Figure(name: "restart.million", value: life.seconds, unit: "s"),
        ]
    }

    private static func open(_ count: Int, at workplace: Workplace) async throws {
        let (tenant, queue, customer) = (workplace.tenant, workplace.queue, workplace.customer)
        let text = String(repeating: "m", count: 256)
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            Pump(workplace.node, total: count, inflight: 2_048) { number in
                let message = MessageDraft(author: .customer(customer), clientID: "message-\(number)", text: text)
                // What an e-mail is promised falls due long after the measurement.
                let request = ContactRequest(
                    channel: number % 2 == 0 ? .chat : .email, queue: queue, bot: number % 2 == 0, message: message)
                return .conversation(nil, .open(tenant, customer, request))
            } each: { _, _ in
            } finished: { failed in
                if failed == 0 { done.resume() } else { done.resume(throwing: Failed(commands: failed)) }
            }.start()
        }
    }
}
