internal import Foundation
internal import TandemAPI
internal import TandemCore
internal import TandemTransport

/// Reads from every node what there is to judge, when all is quiet.
struct Inspection {
    let administration: Administration
    let nodes: [Int]
    let branches: [Branch]

    /// How long nodes may take to have applied the same.
    static let convergenceSeconds = 30.0

    // MARK: Transcripts and agents

    func states() throws -> [NodeState] {
        try nodes.map { node in
            var state = NodeState(node: node)
            for branch in branches { try read(branch, into: &state) }
            return state
        }
    }

    private func read(_ branch: Branch, into state: inout NodeState) throws {
        var conversations: [String] = []
        try pages("/v1/conversations?limit=500", branch, state.node) { item in
            if let id = item["id"]?.text { conversations.append(id) }
        }
        for conversation in conversations {
            var messages: [TranscriptMessage] = []
            try pages("/v1/conversations/\(conversation)/transcript?limit=500", branch, state.node) { item in
                guard let sequence = item["sequence"]?.whole, let text = item["text"]?.text else { return }
                messages.append(
                    TranscriptMessage(
                        sequence: sequence, author: item["author"]?.text ?? "", text: text,
                        time: item["time"]?.text.flatMap(TimestampText.parse)?.milliseconds))
            }
            state.transcripts[conversation] = messages
            state.tenants[conversation] = branch.tenant
        }
        for agent in branch.agents {
            let answer = try administration.insist(
                "GET", "/v1/agents/\(agent.id)", token: branch.supervisor, only: state.node)
            state.agents.append(
                AgentFigure(
                    agent: agent.id, slots: Branch.slots,
                    contacts: (answer["assignments"]?.elements ?? []).compactMap { $0["contact"]?.text }.sorted()))
        }
    }

    private func pages(_ path: String, _ branch: Branch, _ node: Int, _ take: (JSONValue) -> Void) throws {
        var cursor = ""
        while true {
            let page = try administration.insist("GET", path + cursor, token: branch.supervisor, only: node)
            for item in page["items"]?.elements ?? [] { take(item) }
            guard let next = page["next"]?.text else { return }
            cursor = "&cursor=\(next)"
        }
    }

    // MARK: Digests

    /// What every node says of every partition; asked again until all have applied the same, or time is up.
    /// - Returns: all that was said, and what is wrong with it
    func digests() -> (lines: [DigestLine], trouble: String?) {
        let end = EventLoop.monotonicNanoseconds() + UInt64(Self.convergenceSeconds * 1e9)
        var lines: [DigestLine] = []
        var open: Set<Int> = []
        repeat {
            var applied: [Int: Set<Int64>] = [:]
            var counts: [Int: Int] = [:]
            for node in nodes {
                for line in administration.partitions(of: node, withDigest: true) ?? [] {
                    guard let digest = line.digest else { continue }
                    applied[line.partition, default: []].insert(line.applied)
                    counts[line.partition, default: 0] += 1
                    lines.append(
                        DigestLine(node: node, partition: line.partition, applied: line.applied, digest: digest))
                }
            }
            open = Set(branches.map(\.partition)).filter { applied[$0]?.count != 1 || counts[$0] != nodes.count }
            if open.isEmpty { return (lines, nil) }
            usleep(200_000)
        } while EventLoop.monotonicNanoseconds() < end
        let list = open.sorted().map(String.init).joined(separator: ", ")
        return (
            lines,
            "the nodes did not tell the digests of partitions \(list) at the same index within "
                + "\(Int(Self.convergenceSeconds)) s"
        )
    }
}
