/// What was typed: a verb with its arguments and options, and where and how to ask.
struct CommandLineWords: Equatable {
    var words: [String] = []
    var arguments: [String] = []
    var options: [String: String] = [:]
    var json = false
    var address = "http://127.0.0.1:7400"
    var tokenFile: String?
    /// Whom to trust instead of the system's authorities, with https.
    var authorityFile: String?

    enum Mistake: Error, Equatable {
        case help
        case wrong(String)
    }

    /// - Throws: `Mistake.wrong` with what to type instead.
    static func parse(_ typed: [String], environment: [String: String]) throws(Mistake) -> (Verb, CommandLineWords) {
        var line = CommandLineWords()
        line.address = environment["TANDEM_ADDRESS"] ?? line.address
        line.tokenFile = environment["TANDEM_TOKEN_FILE"]
        line.authorityFile = environment["TANDEM_CA_FILE"]
        var plain: [String] = []
        var asking: [String] = []
        var rest = typed[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-") else {
                plain.append(word)
                continue
            }
            if word == "--help" || word == "-h" { throw .help }
            if word == "--json" {
                line.json = true
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
                throw .wrong("\(word): its value is missing")
            }
            if ["--address", "--token-file", "--ca-file"].contains(parts[0]) { asking.append(parts[0]) }
            switch parts[0] {
            case "--address": line.address = value
            case "--token-file": line.tokenFile = value
            case "--ca-file": line.authorityFile = value
            case "--token":
                throw .wrong("a token on the command line is seen by everybody: use --token-file or TANDEM_TOKEN")
            default: line.options[String(parts[0].dropFirst(2))] = value
            }
        }
        guard !plain.isEmpty else { throw .help }
        let found = Verb.all.filter { plain.starts(with: $0.words) }.max { $0.words.count < $1.words.count }
        guard let verb = found else { throw .wrong("there is no command \"\(plain.joined(separator: " "))\"") }
        line.words = verb.words
        line.arguments = Array(plain.dropFirst(verb.words.count))
        guard line.arguments.count == verb.arguments.count else { throw .wrong("usage: tandem \(verb.usage)") }
        for name in line.options.keys.sorted() where !verb.options.contains(where: { $0.name == name }) {
            throw .wrong("tandem \(verb.usage) has no option --\(name)")
        }
        if let program = verb.program {
            if line.json { throw .wrong("tandem \(verb.usage) has no --json: it shows what \(program) says") }
            if let word = asking.first { throw .wrong("tandem \(verb.usage) has no \(word): it asks no node") }
        }
        return (verb, line)
    }
}
