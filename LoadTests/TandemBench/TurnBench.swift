internal import TandemCore
internal import TandemRuntime
internal import TandemTransport

/// Durable turns in process: 256-byte messages to conversations of one partition, read model included.
enum TurnBench {
    private static let conversationCount = 10_000
    private static let text = String(repeating: "m", count: 256)

    static let inflight1024 = Benchmark(
        names: ["turn.durable.inflight1024"], about: "message posts, one partition, 1,024 in flight"
    ) { effort in
        let limit = try DiskLimit.rowsPerSecond(perTransaction: 256, seconds: min(effort.seconds, 5))
        let scratch = try Scratch()
        let workplace = try await Workplace(at: scratch.path)
        let conversations = try await workplace.conversations(effort.scaled(conversationCount))
        let run = try await post(to: conversations, at: workplace, inflight: 1_024, seconds: effort.seconds)
        let behind = workplace.node.state.lag
        Main.say("  entries not in the read model at the end: \(behind), \(Int(Double(behind) / run.rate * 1_000)) ms")
        let again = try DiskLimit.rowsPerSecond(perTransaction: 256, seconds: min(effort.seconds, 5))
        await workplace.close()
        return [
            Figure(
                name: "turn.durable.inflight1024", value: run.rate, unit: "turns/s", limit: (limit + again) / 2,
                against: "rows/s of SQLite with 256 such rows per FULL transaction")
        ]
    }

    static let inflight1 = Benchmark(
        names: ["turn.durable.inflight1.p50"], about: "message posts, one in flight"
    ) { effort in
        let seconds = min(effort.seconds, 10)
        let limit = try DiskLimit.commitNanoseconds(seconds: seconds)
        let scratch = try Scratch()
        let workplace = try await Workplace(at: scratch.path)
        let conversations = try await workplace.conversations(effort.scaled(100))
        let run = try await post(to: conversations, at: workplace, inflight: 1, seconds: seconds)
        let again = try DiskLimit.commitNanoseconds(seconds: seconds)
        await workplace.close()
        return [
            Figure(
                name: "turn.durable.inflight1.p50", value: run.latencies.percentile(0.5) / 1_000, unit: "us",
                limit: (limit + again) / 2_000, against: "us of a single-row FULL transaction")
        ]
    }

    struct Run {
        let rate: Double
        let latencies: Latencies
    }

    // Safe: changed on the partition's executor, read when the pump has finished.
    private final class Recorder: @unchecked Sendable {
        var latencies = Latencies()
    }

    static func post(
        to conversations: [ConversationID], at workplace: Workplace, inflight: Int, seconds: Double
    ) async throws -> Run {
        let customer = workplace.customer
        let recorder = Recorder()
        let began = EventLoop.monotonicNanoseconds()
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            Pump(
                workplace.node, total: .max, inflight: inflight, seconds: seconds,
                command: { number in
                    let draft = MessageDraft(author: .customer(customer), text: text)
                    return .conversation(conversations[number % conversations.count], .postMessage(draft))
                }
            ) { _, nanoseconds in
                recorder.latencies.record(nanoseconds)
            } finished: { failed in
                if failed == 0 { done.resume() } else { done.resume(throwing: Failed(commands: failed)) }
            }.start()
        }
        let took = Double(EventLoop.monotonicNanoseconds() - began) / 1e9
        return Run(rate: Double(recorder.latencies.count) / took, latencies: recorder.latencies)
    }
}
