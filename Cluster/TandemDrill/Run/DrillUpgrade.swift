internal import Foundation
internal import TandemTransport
internal import TestPrograms

// A cluster is upgraded as an operator would do it, node by node, and goes back once while it can.
//
// 1. The last node is replaced by the next build and goes back: the others do not read the next format yet, so nobody
//    has written it.
// 2. Each node is replaced. Until the last one is, all write the format of before; then all write the next one.
// 3. The first node is started with the old build once more: it refuses, and says why. It comes back with the next one.
extension DrillRun {
    /// How long what a node reads may take to be known everywhere, in seconds; a beat of the cluster's, and an entry.
    private static let knownSecondsMax = 60.0
    private static let refusalSecondsMax = 30.0
    /// Parts of the whole time: that many times all is well for a while. At the beginning, after the last node's way there
    /// and its way back, after each node but the last, and before and after the old build's refusal.
    private var rests: Int { 1 + 2 + (fleet.nodes.count - 1) + 2 }

    static func checkNext(_ plan: Command.Plan) throws {
        guard FileManager.default.isExecutableFile(atPath: plan.next) else {
            throw Administration.Trouble(
                description: """
                    \(plan.next) is no program; rolling-upgrade takes a tandemd of the next format. Make it with
                      Cluster/next-build
                    and say with --next where it is, if not there
                    """)
        }
    }

    func upgradeNodeByNode() throws {
        var written: Int?
        _ = try wait(seconds: Self.knownSecondsMax) {
            written = administration.formats(asOf: 1)?.written
            return written != nil
        }
        guard let before = written else {
            return troubles.append("node 1 does not tell the cluster's format")
        }
        let last = fleet.nodes.count
        try rest()
        try replace(last, by: plan.next, reading: before + 1)
        try hold(format: before)
        try replace(last, by: executable, reading: before)
        try hold(format: before)
        for node in 1...last {
            try replace(node, by: plan.next, reading: before + 1)
            if node < last { try hold(format: before) }
        }
        let asked = EventLoop.monotonicNanoseconds()
        guard try all(write: before + 1) else { return }
        let raised = Report.milliseconds(EventLoop.monotonicNanoseconds() - asked)
        remarks.append("format \(before) until the last node read \(before + 1); all wrote that \(raised) later")
        try hold(format: before + 1)
        try refuseToGoBack()
        try hold(format: before + 1)
        let places = Dictionary(grouping: digestsUnderWay) { "\($0.partition) \($0.applied)" }
        remarks.append(
            "\(digestsUnderWay.count) digests under way, \(places.values.count { $0.count > 1 }) entries at which two nodes or "
                + "more told theirs")
    }

    // MARK: Steps

    /// Drains a node, starts another build in its place, and waits until all know what that reads.
    private func replace(_ number: Int, by program: String, reading format: Int) throws {
        guard troubles.isEmpty else { return }
        let led = administration.leaders().filter { $0.value == number }.keys.sorted()
        var line = FaultLine(
            name: program == executable ? "downgrade" : "upgrade", victims: [number], partitions: led,
            began: EventLoop.monotonicNanoseconds(), detail: "")
        let node = fleet[number]
        guard node.terminate() else {
            return troubles.append("node \(number) did not drain and end in order:\n\(node.lastWords())")
        }
        node.executable = program
        try node.start()
        line.healed = EventLoop.monotonicNanoseconds()
        let isReady = try waitUntilReady(seconds: Self.recoverySecondsMax)
        line.ready = EventLoop.monotonicNanoseconds()
        note(line)
        guard isReady else {
            return troubles.append("not all nodes were ready after node \(number) was replaced\n" + lastWords())
        }
        let isKnown = try wait(seconds: Self.knownSecondsMax) {
            fleet.nodes.allSatisfy { administration.formats(asOf: $0.number)?.read[number] == format }
        }
        if !isKnown {
            troubles.append(
                "it is not known everywhere that node \(number) reads format \(format): is it the right build?")
        }
    }

    /// All is well for a while, and nobody writes another format.
    private func hold(format: Int) throws {
        guard troubles.isEmpty else { return }
        for _ in 0..<2 {
            try rest(half: true)
            for node in fleet.nodes {
                var written: Int?
                _ = try wait(seconds: Self.knownSecondsMax) {
                    written = administration.formats(asOf: node.number)?.written
                    return written != nil
                }
                guard written != format else { continue }
                let what = written.map { "says that format \($0) is written" } ?? "does not say what is written"
                return troubles.append("node \(node.number) \(what), where it was to be format \(format)")
            }
            compareDigests()
        }
    }

    private func all(write format: Int) throws -> Bool {
        guard troubles.isEmpty else { return false }
        let isRaised = try wait(seconds: Self.knownSecondsMax) {
            fleet.nodes.allSatisfy { administration.formats(asOf: $0.number)?.written == format }
        }
        if !isRaised {
            troubles.append(
                "all nodes read format \(format), and not all wrote it within \(Int(Self.knownSecondsMax)) s")
        }
        return isRaised
    }

    /// Who cannot read what the others write does not begin.
    private func refuseToGoBack() throws {
        guard troubles.isEmpty else { return }
        let node = fleet[1]
        guard node.terminate() else {
            return troubles.append("node 1 did not drain and end in order:\n\(node.lastWords())")
        }
        node.executable = executable
        try node.start()
        let status = node.waitForEnd(seconds: Self.refusalSecondsMax)
        let words = node.lastWords()
        if status != 1 || !words.contains("writes format") {
            troubles.append(
                "the old build did not refuse the raised format (\(status.map(String.init) ?? "it runs")):\n\(words)")
        } else {
            remarks.append("after that the old build refused to start: \(words.split(separator: "\n").last ?? "")")
        }
        node.kill()
        node.executable = plan.next
        try node.start()
        if try !waitUntilReady(seconds: Self.recoverySecondsMax) {
            troubles.append("node 1 was not ready again with the next build\n" + lastWords())
        }
    }

    private func rest(half: Bool = false) throws {
        try wait(milliseconds: plan.seconds * 1_000 / rests / (half ? 2 : 1))
    }

    /// Where nodes of both builds have applied as much, they have the same records.
    private func compareDigests() {
        for _ in 0..<3 {
            for node in fleet.nodes {
                for line in administration.partitions(of: node.number, withDigest: true) ?? [] {
                    guard let digest = line.digest else { continue }
                    digestsUnderWay.append(
                        DigestLine(
                            node: node.number, partition: line.partition, applied: line.applied, digest: digest))
                }
            }
        }
    }
}
