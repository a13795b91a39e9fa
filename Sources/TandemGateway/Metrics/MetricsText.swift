/// Writes the text format of Prometheus (version 0.0.4): each metric with its help and type, then its samples.
struct MetricsText {
    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var bytes: [UInt8] = []

    /// Begins a metric. Counters end in `_total`; times are in seconds, sizes in bytes.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String) {
        precondition((kind == .counter) == name.hasSuffix("_total"), "a counter is named so")
        put("# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n")
    }

    mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: some BinaryInteger) {
        put("\(name)\(Self.text(labels)) \(value)\n")
    }

    mutating func sample(_ name: String, _ labels: [(String, String)] = [], seconds value: Double) {
        put("\(name)\(Self.text(labels)) \(value)\n")
    }

    /// A metric with one sample without labels.
    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
        metric(name, kind, help)
        sample(name, [], value)
    }

    /// One histogram's samples: `counts` has one number more than `bounds`, for what lies above them.
    mutating func histogram(
        _ name: String, _ labels: [(String, String)] = [], bounds: [Double], counts: [UInt64], sum: Double
    ) {
        precondition(counts.count == bounds.count + 1, "the last count is what lies above every bound")
        var running: UInt64 = 0
        for (bound, count) in zip(bounds, counts) {
            running += count
            sample(name + "_bucket", labels + [("le", "\(bound)")], running)
        }
        running += counts.last ?? 0
        sample(name + "_bucket", labels + [("le", "+Inf")], running)
        sample(name + "_sum", labels, seconds: sum)
        sample(name + "_count", labels, running)
    }

    private mutating func put(_ text: String) { bytes += text.utf8 }

    private static func text(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        value.map { character in
            switch character {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            default: String(character)
            }
        }.joined()
    }
}
