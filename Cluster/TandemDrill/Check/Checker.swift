/// Judges a run by what it left behind: values in, violations out.
///
/// 1. Every node's transcripts against what was asked for and answered.
/// 2. The order in which things stand against the order in which they were asked for.
/// 3. What sessions were told against the transcripts.
/// 4. Who had which contact, all along and at the end.
/// 5. The nodes against each other.
/// 6. The contact centre's time against the machine's (`ClockCheck`).
struct Checker {
    /// Not now, or not here: nothing was done, and it is worth another try.
    static let refusalsForNow: Set<String> = [
        "busy", "notLeading", "cutOff", "draining", "stopping", "diskFull", "unavailable",
    ]
    /// What a client is told that does everything right, when somebody else was faster.
    static let refusalsOfContended: Set<String> = [
        "conversationClosed", "contactClosed", "contactNotFound", "contactNotWaiting", "contactNotConnected",
        "contactNotWrapping", "offerNotFound", "offerAlreadyAnswered", "offerNotYours", "agentNotHandling",
    ]
    /// Violations of one rule that are told; one more says how many there are.
    static let toldMax = 5

    private let evidence: Evidence
    private var found: [Violation] = []

    static func violations(in evidence: Evidence) -> [Violation] {
        var checker = Checker(evidence: evidence)
        checker.checkTexts()
        checker.checkOrder()
        checker.checkRefusals()
        checker.checkStreams()
        checker.checkAssignments()
        checker.checkDigests()
        checker.checkAgreement()
        checker.found += ClockCheck(evidence).violations
        checker.found += evidence.troubles.map { Violation(.nodesWell, $0) }
        return checker.found
    }

    private init(evidence: Evidence) { self.evidence = evidence }

    private mutating func report(_ rule: Violation.Rule, _ detail: String) {
        found.append(Violation(rule, detail))
    }

    /// As many as are worth reading.
    static func told(_ violations: [Violation]) -> [String] {
        Violation.Rule.allCases.flatMap { rule in
            let own = violations.filter { $0.rule == rule }
            let more = own.count - toldMax
            return own.prefix(toldMax).map(\.description) + (more > 0 ? ["\(rule.rawValue): and \(more) more"] : [])
        }
    }

    // MARK: What is there

    private struct Place {
        let conversation: String
        let sequence: Int64
    }

    private mutating func checkTexts() {
        let known = Dictionary(
            evidence.operations.compactMap { operation in operation.text.map { ($0, operation) } },
            uniquingKeysWith: { first, _ in first })
        for state in evidence.states {
            var places: [String: [Place]] = [:]
            for conversation in state.transcripts.keys.sorted() {
                checkNumbers(conversation, state)
                for message in state.transcripts[conversation] ?? [] {
                    places[message.text, default: []].append(
                        Place(conversation: conversation, sequence: message.sequence))
                    if known[message.text] == nil {
                        report(
                            .nothingInvented,
                            "node \(state.node): nobody has said \"\(message.text.prefix(40))\" in \(conversation)")
                    }
                }
            }
            for operation in evidence.operations where operation.kind.leavesText {
                check(operation, places[operation.text ?? ""] ?? [], state.node)
            }
        }
    }

    private mutating func checkNumbers(_ conversation: String, _ state: NodeState) {
        let numbers = (state.transcripts[conversation] ?? []).map(\.sequence)
        guard let wrong = numbers.indices.first(where: { numbers[$0] != Int64($0) + 1 }) else { return }
        report(
            .nothingInvented,
            "node \(state.node): \(conversation) has number \(numbers[wrong]) at place \(wrong + 1)")
    }

    private mutating func check(_ operation: Operation, _ places: [Place], _ node: Int) {
        let name = "\(operation.key) of \(operation.process) in \(operation.conversation ?? "a new conversation")"
        if places.count > 1 { report(.nothingDoubled, "node \(node): \(name) is there \(places.count) times") }
        switch operation.outcome {
        case .ok:
            guard let place = places.first else {
                return report(.nothingLost, "node \(node): \(name) was acknowledged and is not there")
            }
            if let conversation = operation.conversation, conversation != place.conversation {
                report(.nothingLost, "node \(node): \(name) is in \(place.conversation)")
            } else if let sequence = operation.sequence, sequence != place.sequence {
                report(
                    .nothingLost,
                    "node \(node): \(name) was acknowledged as \(sequence) and is number \(place.sequence)")
            }
        case .refused:
            if !places.isEmpty { report(.refusedMeansAbsent, "node \(node): \(name) was refused and is there") }
        case .unknown: break  // Once or not at all.
        }
    }

    /// Of the first node: `checkAgreement` holds the others against it.
    private mutating func checkOrder() {
        guard let state = evidence.states.first else { return }
        let operations = Dictionary(
            evidence.operations.compactMap { operation in operation.text.map { ($0, operation) } },
            uniquingKeysWith: { first, _ in first })
        for conversation in state.transcripts.keys.sorted() {
            let said = (state.transcripts[conversation] ?? []).compactMap { operations[$0.text] }
            // From the end: the earliest acknowledgement among those that stand behind.
            var earliest: Operation?
            for operation in said.reversed() {
                if let earliest, earliest.returned < operation.invoked {
                    report(
                        .orderKept,
                        "\(conversation): \(earliest.key) was acknowledged before \(operation.key) was sent, and stands "
                            + "behind it")
                }
                guard operation.outcome == .ok else { continue }
                if earliest.map({ operation.returned < $0.returned }) ?? true { earliest = operation }
            }
        }
    }

    private mutating func checkRefusals() {
        for operation in evidence.operations where operation.outcome != .ok {
            guard let code = operation.code, !Self.refusalsForNow.contains(code) else { continue }
            if operation.isContended, Self.refusalsOfContended.contains(code) { continue }
            report(
                .nothingRefusedWithoutCause,
                "\(operation.kind.rawValue) \(operation.key) of \(operation.process): \(code), from node "
                    + "\(operation.node ?? 0)")
        }
    }

    // MARK: What was told

    private mutating func checkStreams() {
        for stream in evidence.streams {
            for complaint in stream.complaints { report(.streamsWhole, "\(stream.process): \(complaint)") }
            checkPositions(stream)
            switch stream.kind {
            case .conversation: checkConversation(stream)
            case .tenant: checkTenant(stream)
            case .agent: break  // He is told of parts of conversations.
            }
        }
    }

    /// An acknowledgement of a message that was sent again has the message's own position, which is an earlier one.
    private mutating func checkPositions(_ stream: Stream) {
        var last: Int64 = -1
        for seen in stream.seen where seen.kind != .ack {
            if seen.position <= last {
                report(
                    .streamsWhole,
                    "\(stream.process), connection \(seen.connection): position \(seen.position) (\(seen.kind.rawValue)) "
                        + "after \(last)")
            }
            last = max(last, seen.position)
        }
    }

    private mutating func checkConversation(_ stream: Stream) {
        var shown: Set<Int64> = []
        var acknowledged: Set<Int64> = []
        let transcript = evidence.states.first?.transcripts[stream.subject]
        for seen in stream.seen {
            guard let sequence = seen.sequence else { continue }
            if seen.kind == .ack {
                acknowledged.insert(sequence)
                continue
            }
            if !shown.insert(sequence).inserted {
                report(.streamsWhole, "\(stream.process): message \(sequence) of \(stream.subject) was shown twice")
            }
            guard let transcript, let text = seen.text else { continue }
            let there = transcript.indices.contains(Int(sequence) - 1) ? transcript[Int(sequence) - 1].text : "nothing"
            if there != text {
                report(
                    .streamsWhole,
                    "\(stream.process): message \(sequence) of \(stream.subject) was shown as \"\(text.prefix(30))\" and "
                        + "is \"\(there.prefix(30))\"")
            }
        }
        let told = shown.union(acknowledged)
        if let last = told.max(), let missing = (1...last).first(where: { !told.contains($0) }) {
            report(.streamsWhole, "\(stream.process): message \(missing) of \(stream.subject) was never shown")
        }
    }

    private mutating func checkTenant(_ stream: Stream) {
        guard let state = evidence.states.first else { return }
        var shown: [String: Set<Int64>] = [:]
        for seen in stream.seen where seen.kind == .message {
            guard let conversation = seen.conversation, let sequence = seen.sequence else { continue }
            if !shown[conversation, default: []].insert(sequence).inserted {
                report(.streamsWhole, "\(stream.process): message \(sequence) of \(conversation) was told twice")
            }
        }
        for conversation in state.transcripts.keys.sorted() where state.tenants[conversation] == stream.subject {
            let missing = (state.transcripts[conversation] ?? []).map(\.sequence).filter {
                !(shown[conversation]?.contains($0) ?? false)
            }
            guard let first = missing.first else { continue }
            report(
                .streamsWhole,
                "\(stream.process): \(missing.count) messages of \(conversation) were never told, \(first) first")
        }
    }

    // MARK: Who has what

    private mutating func checkAssignments() {
        let slots = Dictionary(
            evidence.states.flatMap { $0.agents.map { ($0.agent, $0.slots) } }, uniquingKeysWith: { first, _ in first })
        for stream in evidence.streams where stream.kind == .tenant {
            var desk = Desk(slots: slots)
            for seen in stream.seen { if let wrong = desk.take(seen) { report(.assignmentsSound, wrong) } }
        }
        for state in evidence.states {
            var holders: [String: String] = [:]
            for agent in state.agents {
                if agent.contacts.count > agent.slots {
                    report(
                        .assignmentsSound,
                        "node \(state.node): \(agent.agent) has \(agent.contacts.count) contacts and \(agent.slots) slots"
                    )
                }
                for contact in agent.contacts {
                    if let other = holders.updateValue(agent.agent, forKey: contact) {
                        report(
                            .assignmentsSound,
                            "node \(state.node): \(contact) is \(other)'s and \(agent.agent)'s at once")
                    }
                }
            }
        }
    }

    // MARK: The nodes

    private mutating func checkDigests() {
        var first: [String: DigestLine] = [:]
        for line in evidence.digests {
            let place = "\(line.partition) at \(line.applied)"
            guard let other = first[place] else {
                first[place] = line
                continue
            }
            if other.digest != line.digest {
                report(
                    .digestsEqual,
                    "partition \(place): \(other.digest) on node \(other.node), \(line.digest) on node \(line.node)")
            }
        }
    }

    private mutating func checkAgreement() {
        guard let first = evidence.states.first else { return }
        for state in evidence.states.dropFirst() {
            let both = Set(first.transcripts.keys).union(state.transcripts.keys).sorted()
            for conversation in both where first.transcripts[conversation] != state.transcripts[conversation] {
                report(.nodesAgree, "\(conversation) is not the same on nodes \(first.node) and \(state.node)")
            }
            if first.agents != state.agents {
                report(.nodesAgree, "agents are not the same on nodes \(first.node) and \(state.node)")
            }
        }
    }
}
