/// The whole help, made of the verbs.
enum Help {
    static var text: String {
        var lines = [
            "Usage: tandem [--address URL] [--ca-file FILE] [--token-file FILE[:KEY]] COMMAND [--json]", "",
            "Shows and steers one node of Tandem, as an operator; and makes a node of a backup.", "", "Commands:",
        ]
        let width = (Verb.all.map(\.usage.count).max() ?? 0) + 2
        for verb in Verb.all {
            lines.append("  " + verb.usage.padded(to: width) + verb.help)
            for option in verb.options {
                lines.append("  " + "".padded(to: width) + "  --\(option.name): \(option.help)")
            }
        }
        lines += [
            "", "Everywhere:",
            "  --address URL            the node, http or https (TANDEM_ADDRESS, or http://127.0.0.1:7400)",
            "  --ca-file FILE           whom to trust with https: authorities, or the node's own certificate (TANDEM_CA_FILE);",
            "                           the system's authorities if left out",
            "  --token-file FILE[:KEY]  a file with the token, or a JSON object that has it under KEY (TANDEM_TOKEN_FILE);",
            "                           TANDEM_TOKEN may hold the token itself",
            "  --json                   the node's answer as it came",
            "", "Exit status: 0 done, 1 refused, out of reach or damage found, 2 wrong words.",
        ]
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// Filled up with spaces; longer texts stay as they are.
    func padded(to width: Int) -> String {
        let missing = width - count
        return missing > 0 ? self + String(repeating: " ", count: missing) : self
    }
}
