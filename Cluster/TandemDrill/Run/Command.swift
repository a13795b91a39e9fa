internal import Foundation

/// What was asked for on the command line.
struct Command: Equatable {
    enum Verb: Equatable {
        case help
        case list
        case run(Plan)
    }

    struct Plan: Equatable {
        var drill: Drill
        var seconds: Int
        var seed: UInt64
        var nodes = 3
        /// Nodes speak TLS to each other.
        var isSecured = false
        var isJSON = false
        var historyPath: String?
        /// Nil: a folder of its own, removed at the end.
        var directory: String?
        /// Nil: the one beside this program.
        var tandemd: String?
        /// Of the next format, for the drill that upgrades.
        var next = ".build-next/debug/tandemd"
    }

    let verb: Verb

    /// A word that makes no sense, and why.
    struct Mistake: Error, Equatable, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    static let help = """
        Usage: tandem-drill --list
               tandem-drill run NAME --minutes N | --seconds N [options]

        Runs a cluster of real processes on the loopback interface under constant traffic, breaks it, heals it, and
        judges by every acknowledgement whether it has kept its promises. The exit status is 0 only if all held.

          --list           what can be drilled
          --minutes N      how long it is broken again and again; starting, healing and judging come on top
          --seconds N      the same, for short runs
          --seed S         where chance begins (chosen and told, if left out)
          --nodes N        1, 3 or 5 nodes (3)
          --tls            nodes speak TLS to each other, with certificates of the run's own
          --json           print one JSON object instead of text
          --history FILE   write every operation, and what was found in the end, as JSON lines (Docs/Drill.md)
          --directory DIR  where the nodes keep their files, which stay (a folder of its own, removed if all held)
          --tandemd PATH   the program to drill (the one beside this one)
          --next PATH      the program of the next format, for rolling-upgrade (.build-next/debug/tandemd);
                           Cluster/next-build makes it
        """

    init(_ words: [String]) throws(Mistake) {
        guard let first = words.first else { throw Mistake("Say what to do.") }
        var rest = words.dropFirst()
        switch first {
        case "--help", "-h", "help": verb = .help
        case "--list": verb = .list
        case "run":
            guard let name = rest.popFirst(), let drill = Drill(rawValue: name) else {
                throw Mistake("There is no such drill; --list names them.")
            }
            verb = .run(try Self.plan(drill, rest))
            return
        default: throw Mistake("Unknown word: \(first)")
        }
        if let more = rest.first { throw Mistake("Unknown word: \(more)") }
    }

    private static func plan(_ drill: Drill, _ words: ArraySlice<String>) throws(Mistake) -> Plan {
        var rest = words
        var seconds: Int?
        var plan = Plan(drill: drill, seconds: 0, seed: UInt64.random(in: 1...999_999))
        while let word = rest.popFirst() {
            if word == "--json" || word == "--tls" {
                if word == "--json" { plan.isJSON = true } else { plan.isSecured = true }
                continue
            }
            guard let value = rest.popFirst() else { throw Mistake("\(word) takes a value, or is unknown.") }
            switch word {
            case "--minutes": seconds = try number(word, value, 1...1_440) * 60
            case "--seconds": seconds = try number(word, value, 1...86_400)
            case "--seed":
                guard let seed = UInt64(value) else { throw Mistake("--seed takes a number.") }
                plan.seed = seed
            case "--nodes":
                plan.nodes = try number(word, value, 1...5)
                guard plan.nodes % 2 == 1 else { throw Mistake("--nodes takes 1, 3 or 5.") }
            case "--history": plan.historyPath = value
            case "--directory": plan.directory = value
            case "--tandemd": plan.tandemd = value
            case "--next":
                guard drill == .rollingUpgrade else { throw Mistake("--next is for rolling-upgrade.") }
                plan.next = value
            default: throw Mistake("Unknown word: \(word)")
            }
        }
        guard let seconds else { throw Mistake("Say how long, with --minutes or --seconds.") }
        plan.seconds = seconds
        guard plan.nodes > 1 || !plan.isSecured else { throw Mistake("--tls needs nodes that speak to each other.") }
        guard plan.nodes >= drill.nodesMin else {
            throw Mistake("\(drill.rawValue) needs at least \(drill.nodesMin) nodes.")
        }
        return plan
    }

    private static func number(_ word: String, _ value: String, _ range: ClosedRange<Int>) throws(Mistake) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw Mistake("\(word) takes a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }
}
