internal import Foundation
internal import Synchronization
internal import TandemTransport
internal import TestPrograms

/// One drill from the first process to the verdict; conducted by one thread, which waits and looks.
final class DrillRun {
    /// How long nodes may take to be ready, in seconds: at first, and once everything has healed.
    private static let startSecondsMax = 120.0
    static let recoverySecondsMax = 60.0
    /// How long a node may take to find that its clock is right again, in seconds.
    private static let clockSecondsMax = 10.0
    /// How long clients may take to come to an end: a little more than their patience.
    private static let endingSecondsMax = 45.0
    /// How long supervisors may take to see the last of it.
    private static let observersSecondsMax = 20.0
    /// For the nodes' files, in a drill that fills disks.
    private static let diskMebibytes = 1_024

    let plan: Command.Plan
    private let screen: Screen
    private let isInterrupted: () -> Bool
    private let directory: String
    private let isOwnDirectory: Bool
    let fleet: Fleet
    let administration: Administration
    let executable: String
    var remarks: [String] = []
    var troubles: [String] = []
    /// What nodes said of their states under way.
    var digestsUnderWay: [DigestLine] = []
    private var faults: [FaultLine] = []
    private var traffic: Traffic?
    private var began: UInt64 = 0
    private var shownAt: UInt64 = 0

    struct Interrupted: Error {}

    init(_ plan: Command.Plan, screen: Screen, isInterrupted: @escaping () -> Bool) throws {
        self.plan = plan
        self.screen = screen
        self.isInterrupted = isInterrupted
        isOwnDirectory = plan.directory == nil
        directory = plan.directory ?? NSTemporaryDirectory() + "tandem-drill-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let mayFill = plan.drill.kinds.contains { $0.kind == .fillDisk }
        let canFill = mayFill && SmallDisk.isPermitted(under: directory)
        if mayFill, !canFill {
            let why = "disks cannot be filled here: mounting a file system takes root and loop devices"
            guard plan.drill != .fullDisk else { throw SmallDisk.NotMounted(description: why) }
            remarks.append(why)
        }
        executable = try Self.tandemd(plan)
        if plan.drill == .rollingUpgrade { try Self.checkNext(plan) }
        fleet = try Fleet(
            count: plan.nodes, directory: directory, executable: executable,
            disksMebibytes: canFill ? Self.diskMebibytes : nil, isSecured: plan.isSecured,
            hasOwnClocks: plan.drill.needsOwnClocks)
        administration = try Administration(fleet)
    }

    private static func tandemd(_ plan: Command.Plan) throws -> String {
        let path = plan.tandemd ?? Program.own.deletingLastPathComponent().appending(path: "tandemd").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Administration.Trouble(description: "\(path) is no program; --tandemd says where tandemd is")
        }
        return path
    }

    // MARK: The whole

    func run() throws -> Report {
        defer { fleet.stop() }
        screen.tell("starting \(plan.nodes) nodes in \(directory)")
        try fleet.start()
        guard try waitUntilReady(seconds: Self.startSecondsMax) else {
            throw Administration.Trouble(description: "the cluster was not ready in time\n" + lastWords())
        }
        try administration.takeToken()
        let partitions = administration.partitions(of: 1)?.count ?? 0
        guard partitions > 0 else { throw Administration.Trouble(description: "node 1 does not tell its partitions") }
        let branches = try Workplace(administration: administration, nodes: plan.nodes).build(partitions: partitions)
        let addresses = try fleet.nodes.map { try SocketAddress(host: "127.0.0.1", port: $0.clientPort) }
        let traffic = try Traffic(branches, addresses: addresses, seed: plan.seed)
        self.traffic = traffic
        traffic.start()
        began = EventLoop.monotonicNanoseconds()
        if plan.drill == .rollingUpgrade {
            try upgradeNodeByNode()
        } else {
            try breakAgainAndAgain(partitions)
        }
        let ended = EventLoop.monotonicNanoseconds()
        var evidence = try conclude(traffic, branches)
        evidence.faults = faults
        evidence.wallAhead = Self.wallAhead()
        evidence.digests += digestsUnderWay
        evidence.troubles = troubles
        let violations = Checker.violations(in: evidence)
        if let path = plan.historyPath {
            try HistoryFile(path: path).write(evidence, name: plan.drill.rawValue, seed: plan.seed, nodes: plan.nodes)
        }
        fleet.stop()
        return Report(
            plan: plan, figures: Figures(evidence, from: began, to: ended), violations: violations,
            kept: try cleanUp(keeping: !violations.isEmpty), remarks: remarks)
    }

    /// The machine's wall clock ahead of its monotonic one, in milliseconds.
    private static func wallAhead() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000) - Int64(EventLoop.monotonicNanoseconds() / 1_000_000)
    }

    private func cleanUp(keeping: Bool) throws -> String? {
        fleet.unmountDisks()
        if keeping || !isOwnDirectory { return directory }
        removeDirectory()
        return nil
    }

    /// After an interruption nobody wants what was not judged.
    func removeDirectory() {
        fleet.stop()
        fleet.unmountDisks()
        if isOwnDirectory { try? FileManager.default.removeItem(atPath: directory) }
    }

    func lastWords() -> String {
        fleet.nodes.map { "  node \($0.number):\n\($0.lastWords())" }.joined(separator: "\n")
    }

    // MARK: Breaking

    private func breakAgainAndAgain(_ partitions: Int) throws {
        var schedule = Schedule(
            plan.drill, seed: plan.seed, nodes: plan.nodes, partitions: partitions, canFillDisks: !fleet.disks.isEmpty)
        let breaker = Breaker(fleet: fleet, administration: administration)
        let end = began + UInt64(plan.seconds) * 1_000_000_000
        while EventLoop.monotonicNanoseconds() < end, troubles.isEmpty {
            let fault = schedule.next()
            try wait(milliseconds: fault.restMilliseconds)
            guard EventLoop.monotonicNanoseconds() < end, troubles.isEmpty else { return }
            let (victims, led) = breaker.resolve(fault)
            var line = FaultLine(
                name: fault.kind.rawValue, victims: victims, partitions: led,
                began: EventLoop.monotonicNanoseconds(), detail: fault.detail)
            if let trouble = breaker.strike(fault, victims, led) { troubles.append(trouble) }
            try wait(milliseconds: fault.milliseconds)
            if fault.isClockOff { try lookAtClocks(of: victims, &line) }
            try fleet.heal()
            line.healed = EventLoop.monotonicNanoseconds()
            let isReady = try waitUntilReady(seconds: Self.recoverySecondsMax)
            if fault.kind == .stepClock { try waitUntilClocksAreRight(victims) }
            line.ready = EventLoop.monotonicNanoseconds()
            note(line)
            if !isReady, troubles.isEmpty {
                troubles.append(
                    "not all nodes were ready \(Int(Self.recoverySecondsMax)) s after \(line.name) of \(victims) had "
                        + "healed\n" + lastWords())
            }
        }
    }

    /// By now nodes whose clocks are off know it, and lead nothing.
    private func lookAtClocks(of victims: [Int], _ line: inout FaultLine) throws {
        let leaders = administration.leaders()
        line.stillLed = leaders.filter { victims.contains($0.value) }.keys.sorted()
        for victim in victims where administration.isClockOff(victim, asking: victim) == false {
            troubles.append("node \(victim) does not know that its clock is off by \(line.detail)")
        }
    }

    private func waitUntilClocksAreRight(_ victims: [Int]) throws {
        let isRight = try wait(seconds: Self.clockSecondsMax) {
            victims.allSatisfy { victim in
                fleet.nodes.allSatisfy { administration.isClockOff(victim, asking: $0.number) == false }
            }
        }
        if !isRight {
            troubles.append("nodes \(victims) did not find their clocks right in \(Int(Self.clockSecondsMax)) s")
        }
    }

    func note(_ line: FaultLine) {
        faults.append(line)
        let names = line.victims.map(String.init).joined(separator: ", ")
        screen.tell(
            "\(seconds(line.began)): \(line.name) of node \(names) for "
                + "\(Report.milliseconds(line.healed - line.began))\(line.detail.isEmpty ? "" : ", ")\(line.detail); all ready "
                + "\(Report.milliseconds(line.ready - line.healed)) after it")
    }

    private func seconds(_ moment: UInt64) -> String { String(format: "%6.1f s", Double(moment - began) / 1e9) }

    // MARK: Waiting

    /// - Throws: `Interrupted`
    func wait(milliseconds: Int) throws {
        let end = EventLoop.monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
        while case let now = EventLoop.monotonicNanoseconds(), now < end {
            try look()
            usleep(UInt32(min(20_000, (end - now) / 1_000 + 1)))
        }
    }

    func wait(seconds: Double, until isDone: () -> Bool) throws -> Bool {
        let end = EventLoop.monotonicNanoseconds() + UInt64(seconds * 1e9)
        while !isDone() {
            guard EventLoop.monotonicNanoseconds() < end else { return false }
            try wait(milliseconds: 30)
        }
        return true
    }

    func waitUntilReady(seconds: Double) throws -> Bool {
        try wait(seconds: seconds) { fleet.nodes.allSatisfy { administration.isReady($0.number) } || !troubles.isEmpty }
            && troubles.isEmpty
    }

    private func look() throws {
        if isInterrupted() { throw Interrupted() }
        troubles += fleet.nodes.compactMap { $0.endedByItself() }
        let now = EventLoop.monotonicNanoseconds()
        guard let traffic, now > shownAt + 200_000_000 else { return }
        shownAt = now
        let count = traffic.recorder.count
        screen.show(
            "\(seconds(now)) of \(plan.seconds) s: \(count.acknowledged) acknowledged, \(count.unknown) unknown, "
                + "\(count.refused) refused; \(faults.count) faults")
    }

    // MARK: Judging

    private func conclude(_ traffic: Traffic, _ branches: [Branch]) throws -> Evidence {
        traffic.beginEnding()
        if try !wait(seconds: Self.endingSecondsMax, until: { traffic.busy.isEmpty }) {
            troubles.append(
                "\(traffic.busy.joined(separator: ", ")) did not come to an end within \(Int(Self.endingSecondsMax)) s")
        }
        traffic.close()
        screen.tell("\(seconds(EventLoop.monotonicNanoseconds())): quiet; reading what every node has")
        var states: [NodeState] = []
        var digests: [DigestLine] = []
        do {
            let inspection = Inspection(
                administration: administration, nodes: fleet.nodes.map(\.number), branches: branches)
            states = try inspection.states()
            try waitForObservers(traffic, states)
            let found = inspection.digests()
            digests = found.lines
            if let trouble = found.trouble { troubles.append(trouble) }
        } catch let trouble as Administration.Trouble {
            troubles.append("what a node has could not be read: \(trouble)")
        }
        traffic.finish()
        try look()
        var evidence = traffic.recorder.evidence
        evidence.states = states
        evidence.digests = digests
        return evidence
    }

    /// Who has not seen the last by then has missed it: the checker says so.
    private func waitForObservers(_ traffic: Traffic, _ states: [NodeState]) throws {
        guard let state = states.first else { return }
        var messages: [String: Int] = [:]
        for (conversation, transcript) in state.transcripts {
            messages[state.tenants[conversation] ?? "", default: 0] += transcript.count
        }
        _ = try wait(seconds: Self.observersSecondsMax) {
            traffic.observers.allSatisfy { $0.messages >= messages[$0.tenant] ?? 0 }
        }
    }
}
