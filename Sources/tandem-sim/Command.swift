internal import TandemSimulator

/// What was asked for on the command line.
struct Command: Equatable {
    enum Bound: Equatable {
        case seeds(UInt64)
        case minutes(Int)
    }

    var bound: Bound
    var firstSeed: UInt64 = 1
    var worlds = World.allCases
    var isJSON = false
    /// A mistake to build in, to see it found.
    var mutation: Mutation?

    static let help = """
        Usage: tandem-sim run --seeds N | --minutes N [--seed S] [--world NAME] [--json] [--mutation NAME]

        Runs whole clusters in one thread, each from one seed, with faults of every kind, and checks what must hold.
        The exit status is 0 only if everything held. A seed that failed is told as a story.

          --seeds N        run so many seeds
          --minutes N      run seeds for so long
          --seed S         the first seed (1); the same seed is the same run
          --world NAME     raft: Raft alone, with changes of members and snapshots; partition: whole partitions on their
                           replicas; both (the default): each seed in each of them
          --json           print one JSON object instead of text
          --mutation NAME  build in a mistake: \(Mutation.allCases.map(\.rawValue).joined(separator: ", "))
        """

    /// Nil if the words make no sense.
    init?(_ words: [String]) {
        guard words.first == "run" else { return nil }
        var bound: Bound?
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            switch word {
            case "--json": isJSON = true
            case "--seeds":
                guard bound == nil, let count = rest.popFirst().flatMap({ UInt64($0) }), count > 0 else { return nil }
                bound = .seeds(count)
            case "--minutes":
                guard bound == nil, let count = rest.popFirst().flatMap({ Int($0) }), count > 0 else { return nil }
                bound = .minutes(count)
            case "--seed":
                guard let seed = rest.popFirst().flatMap({ UInt64($0) }) else { return nil }
                firstSeed = seed
            case "--world":
                guard let name = rest.popFirst() else { return nil }
                let worlds = World.allCases.filter { name == "both" || name == $0.rawValue }
                guard !worlds.isEmpty else { return nil }
                self.worlds = worlds
            case "--mutation":
                guard let known = rest.popFirst().flatMap(Mutation.init(rawValue:)) else { return nil }
                mutation = known
            default: return nil
            }
        }
        guard let bound else { return nil }
        if let mutation { worlds = [mutation.world] }
        self.bound = bound
    }
}
