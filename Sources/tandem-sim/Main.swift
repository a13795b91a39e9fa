internal import Glibc
internal import TandemSimulator

@main
struct Main {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        if words == ["--help"] || words == ["help"] { return print(Command.help) }
        guard let command = Command(words) else {
            let help = Command.help + "\n"
            _ = write(STDERR_FILENO, help, help.utf8.count)
            exit(2)
        }
        let tally = run(command)
        print(command.isJSON ? tally.json : tally.text)
        exit(tally.failures.isEmpty ? 0 : 1)
    }

    private static func run(_ command: Command) -> Tally {
        let clock = ContinuousClock()
        let start = clock.now
        var tally = Tally()
        var seed = command.firstSeed
        while true {
            for world in command.worlds {
                let outcome = Simulator.run(world, seed: seed, mutation: command.mutation)
                // A failed run is run again, the same, for its story.
                tally.add(
                    outcome.violation == nil
                        ? outcome : Simulator.run(world, seed: seed, mutation: command.mutation, keepsWords: true))
            }
            tally.seeds += 1
            seed &+= 1
            let elapsed = start.duration(to: clock.now)
            tally.elapsed = elapsed
            switch command.bound {
            case .seeds(let count): if tally.seeds >= count { return tally }
            case .minutes(let count): if elapsed >= .seconds(60 * count) { return tally }
            }
            if tally.failures.count >= Tally.failuresMax { return tally }
        }
    }
}
