internal import Foundation
internal import TandemRuntime
internal import TandemTransport

/// A million open conversations: what each costs in memory, and how soon a node is back with them.
enum MillionBench {
    static let benchmark = Benchmark(
        names: ["actor.open.bytes", "restart.million"], about: "1,000,000 open conversations, and a restart with them"
    ) { effort in
        let count = effort.scaled(1_000_000)
        let scratch = try Scratch()
        let before = residentBytes()
        let workplace = try await Workplace(at: scratch.path)
        _ = try await workplace.conversations(count)
        await workplace.close()

        // Measured in the life that has only loaded them; what their making left behind counts too.
        let began = EventLoop.monotonicNanoseconds()
        let (node, loops) = try await Workplace.open(at: scratch.path)
        let seconds = Double(EventLoop.monotonicNanoseconds() - began) / 1e9
        let held = await withCheckedContinuation { done in
            node.read(partition: 0, { $0.conversationCount }, release: { done.resume(returning: $0 ?? 0) })
        }
        guard held >= count else { throw Failed(commands: count - held) }
        let bytes = Double(residentBytes() - before) / Double(count)
        await node.stop()
        loops.stop()
        return [
            Figure(name: "actor.open.bytes", value: bytes, unit: "bytes"),
            Figure(name: "restart.million", value: seconds, unit: "s"),
        ]
    }

    /// What the system counts as this process's own memory now.
    private static func residentBytes() -> Int {
        guard let line = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let words = line.split(separator: " ").compactMap { Int($0) }
        // Size, resident, shared.
        return words.count > 2 ? (words[1] - words[2]) * Int(getpagesize()) : 0
    }
}
