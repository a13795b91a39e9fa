import Foundation
import Synchronization
import TandemCore
import TandemGateway
import TandemRuntime
import TandemTransport

/// A node composed as `tandemd` composes one, with a defect put into it: it traps before it decides on a message that
/// says `trap!`, and breaks an invariant, once in its life, on one that says `stumble!`. `tandemd` has no such way in.
@main
enum Main {
    static func main() {
        SignalWatcher.prepare()
        Task.detached {
            do {
                try await run()
                exit(0)
            } catch {
                say("\(error)")
                exit(1)
            }
        }
        while true { pause() }
    }

    private static let stumbled = Atomic<Bool>(false)

    private static func run() async throws {
        let loops = try EventLoopGroup(count: 2)
        loops.start()
        let stop = AsyncStream<ProcessSignal>.makeStream()
        let watcher = try SignalWatcher(on: loops.next()) { stop.continuation.yield($0) }
        defer { withExtendedLifetime(watcher) {} }

        var configuration = Node.Configuration(directory: value(of: "--directory") ?? "")
        configuration.partitions = value(of: "--partitions").flatMap { Int($0) } ?? 1
        configuration.testClock = value(of: "--test-clock").flatMap { Int64($0) }
        configuration.probe = { command throws(DecideError) in
            guard case .conversation(_, .postMessage(let draft)) = command else { return }
            precondition(draft.text != "trap!", "the defect of this node")
            if draft.text == "stumble!", !stumbled.exchange(true, ordering: .relaxed) {
                throw .invariantBroken(InvariantBroken("the other defect of this node"))
            }
        }
        let node = try Node(configuration, loops: loops)
        try await node.start()
        var options = Gateway.Options(address: try SocketAddress(host: "127.0.0.1", port: 0))
        options.live = LiveEdge(node: node)
        let gateway = Gateway(node: node, options: options)
        say("ready on http://\(try gateway.start()) ")

        for await signal in stop.stream where signal != .hangUp { break }
        gateway.drain()
        await node.stop()
        loops.stop()
    }

    private static func value(of flag: String) -> String? {
        let arguments = CommandLine.arguments
        guard let place = arguments.firstIndex(of: flag), place + 1 < arguments.count else { return nil }
        return arguments[place + 1]
    }

    private static func say(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
}
