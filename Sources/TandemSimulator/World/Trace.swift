/// What happened, as a fingerprint of everything and, if wanted, the last of it in words.
struct Trace {
    private(set) var fingerprint = Fingerprint()
    private(set) var count = 0
    private var lines: [String] = []
    private let keepsWords: Bool

    init(keepsWords: Bool) { self.keepsWords = keepsWords }

    mutating func note(_ time: Moment, _ words: @autoclosure () -> String, _ numbers: UInt64...) {
        count += 1
        fingerprint.add(UInt64(time))
        for number in numbers { fingerprint.add(number) }
        guard keepsWords else { return }
        lines.append("\(Self.pad(time)) \(words())")
        if lines.count >= 2 * Self.kept { lines.removeFirst(Self.kept) }
    }

    /// The last lines.
    var story: [String] { Array(lines.suffix(Self.kept)) }

    private static let kept = 400

    /// Milliseconds with three decimals, right-aligned.
    private static func pad(_ time: Moment) -> String {
        let text = "\(time / 1_000).\(String(time % 1_000 + 1_000).dropFirst())"
        return String(repeating: " ", count: max(0, 9 - text.count)) + text
    }
}
