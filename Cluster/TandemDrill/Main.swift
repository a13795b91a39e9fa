internal import Foundation
internal import Glibc
internal import Synchronization
internal import TandemTransport

@main
enum Main {
    static func main() {
        SignalWatcher.prepare()
        let command: Command
        do throws(Command.Mistake) {
            command = try Command(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n\n\(Command.help)\n".utf8))
            exit(2)
        }
        switch command.verb {
        case .help: print(Command.help)
        case .list: print(list)
        case .run(let plan): exit(run(plan))
        }
    }

    private static var list: String {
        let width = (Drill.allCases.map(\.rawValue.count).max() ?? 0) + 2
        return Drill.allCases.map {
            $0.rawValue.padding(toLength: width, withPad: " ", startingAt: 0) + $0.about
        }.joined(separator: "\n")
    }

    /// The exit status.
    private static func run(_ plan: Command.Plan) -> Int32 {
        let screen = Screen()
        let interruption = Interruption()
        var run: DrillRun?
        do {
            let loop = try EventLoop(name: "signals")
            loop.start()
            let watcher = try SignalWatcher(on: loop) { signal in if signal != .hangUp { interruption.raise() } }
            defer { withExtendedLifetime(watcher) { loop.stop() } }
            let made = try DrillRun(plan, screen: screen) { interruption.isRaised }
            run = made
            let report = try made.run()
            screen.tell("")
            print(plan.isJSON ? report.json : report.text)
            return report.violations.isEmpty ? 0 : 1
        } catch is DrillRun.Interrupted {
            run?.removeDirectory()
            screen.tell("interrupted; every node is ended")
            return 130
        } catch {
            run?.removeDirectory()
            screen.tell("tandem-drill: \(error)")
            return 1
        }
    }
}

/// Somebody wants the run to end.
private final class Interruption: Sendable {
    private let flag = Atomic<Bool>(false)

    var isRaised: Bool { flag.load(ordering: .relaxed) }
    func raise() { flag.store(true, ordering: .relaxed) }
}
