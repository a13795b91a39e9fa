import TandemSimulator
import Testing

@testable import tandem_sim

/// The words of the command line.
struct CommandTests {
    @Test("Seeds or minutes are asked for, from a seed on")
    func reads() throws {
        let command = try #require(Command(["run", "--seeds", "20", "--seed", "7", "--json"]))
        #expect(command.bound == .seeds(20) && command.firstSeed == 7 && command.isJSON && command.mutation == nil)
        let other = try #require(Command(["run", "--mutation", "forgottenVote", "--minutes", "3"]))
        #expect(other.bound == .minutes(3) && other.firstSeed == 1 && other.mutation == .forgottenVote)
        #expect(command.worlds == [.raft, .partition] && other.worlds == [.raft])
        #expect(Command(["run", "--seeds", "1", "--world", "partition"])?.worlds == [.partition])
        #expect(Command(["run", "--seeds", "1", "--world", "both"])?.worlds == [.raft, .partition])
    }

    @Test(
        "What makes no sense is refused as a whole",
        arguments: [
            [], ["run"], ["walk", "--seeds", "1"], ["run", "--seeds"], ["run", "--seeds", "0"],
            ["run", "--seeds", "1", "--minutes", "1"], ["run", "--seeds", "1", "--seed", "x"],
            ["run", "--seeds", "1", "--mutation", "none"], ["run", "--seeds", "1", "--world", "flat"],
            ["run", "--seeds", "1", "more"],
        ])
    func refuses(words: [String]) {
        #expect(Command(words) == nil)
    }

    @Test("What became of seeds is told as text and as JSON, failures with their property")
    func tally() {
        var tally = Tally()
        tally.add(Simulator.run(seed: 1))
        tally.seeds = 1
        #expect(tally.failures.isEmpty && tally.text.contains("1 seeds, 1 runs, 0 failed"))
        tally.add(Simulator.run(seed: 1, mutation: .acknowledgedTooEarly, keepsWords: true))
        #expect(tally.failures.count == 1)
        #expect(tally.text.contains("Seed 1: broken after"))
        #expect(tally.text.contains("what is committed is durable on a majority"))
        #expect(
            tally.json.hasPrefix(
                "{\"seeds\":1,\"runs\":2,\"failed\":[{\"seed\":1,\"world\":\"raft\",\"property\":\"durability\""))
        #expect(tally.json.contains("\"coverage\":{\"leaders\":"))
    }
}
