internal import Glibc
internal import TandemAPI
internal import TandemTransport
internal import TestPrograms

/// What the one who conducts a drill asks the nodes, and waits for.
final class Administration {
    private let clients: [HTTPClient]
    private let fleet: Fleet
    /// Of nobody's tenant.
    private(set) var token = ""

    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    init(_ fleet: Fleet) throws {
        self.fleet = fleet
        clients = try fleet.nodes.map { try HTTPClient(host: "127.0.0.1", port: $0.clientPort) }
    }

    /// Takes the administrator's token from what the first node has written.
    func takeToken() throws { token = try TokenFile(fleet.demoPath + ":administrator").token() }

    // MARK: Asking

    /// One try, at one node.
    func ask(
        _ method: String, _ path: String, node: Int, token: String? = nil, body: String? = nil, key: String? = nil,
        milliseconds: UInt64 = 5_000
    ) throws(TransportError) -> HTTPResponse {
        try clients[node - 1].send(
            HTTPClientRequest(method, path, token: token ?? self.token, body: body, key: key),
            timeoutMilliseconds: milliseconds)
    }

    /// Asks one node after the other, with the same key, until one has done it.
    /// - Throws: `Trouble` when it is refused, or not done in `seconds`
    func insist(
        _ method: String, _ path: String, token: String? = nil, body: String? = nil, key: String? = nil,
        only node: Int? = nil, seconds: Double = 60
    ) throws -> JSONValue {
        let end = EventLoop.monotonicNanoseconds() + UInt64(seconds * 1e9)
        var asked = node ?? 1
        var last = ""
        while EventLoop.monotonicNanoseconds() < end {
            do throws(TransportError) {
                let response = try ask(method, path, node: asked, token: token, body: body, key: key)
                last = "\(response.status) \(response.text)"
                if (200..<300).contains(response.status) { return parse(response) }
                guard response.status >= 500 else { break }
            } catch {
                last = "\(error)"
            }
            if node == nil { asked = asked % fleet.nodes.count + 1 }
            usleep(50_000)
        }
        throw Trouble(description: "\(method) \(path) at node \(asked): \(last)")
    }

    private func parse(_ response: HTTPResponse) -> JSONValue {
        response.body.isEmpty ? .null : (try? JSONValue(parsing: response.body)) ?? .null
    }

    // MARK: How it stands

    func isReady(_ node: Int) -> Bool {
        fleet[node].state == .running
            && (try? ask("GET", "/readyz", node: node, milliseconds: 1_000))?.status == 200
    }

    /// What a node says of its partitions; nil: it says nothing.
    func partitions(of node: Int, withDigest: Bool = false) -> [PartitionLine]? {
        guard fleet[node].state == .running,
            let response = try? ask(
                "GET", "/v1/partitions" + (withDigest ? "?digest=true" : ""), node: node,
                milliseconds: withDigest ? 20_000 : 2_000),
            response.status == 200, let items = parse(response)["partitions"]?.elements
        else { return nil }
        return items.compactMap(PartitionLine.init)
    }

    /// Whether a node's clock is off, on the word of one; nil: it does not say.
    func isClockOff(_ node: Int, asking asked: Int) -> Bool? {
        guard fleet[asked].state == .running, let response = try? ask("GET", "/v1/nodes", node: asked),
            response.status == 200, let lines = parse(response)["items"]?.elements,
            let line = lines.first(where: { $0["node"]?.whole == Int64(node) }),
            case .boolean(let isOff)? = line["isClockOff"]
        else { return nil }
        return isOff
    }

    /// The format in which all nodes write, and the newest that each of them reads, as one node has it; nil: it says nothing.
    func formats(asOf node: Int) -> (written: Int, read: [Int: Int])? {
        guard fleet[node].state == .running,
            let response = try? ask("GET", "/v1/nodes", node: node, milliseconds: 2_000), response.status == 200,
            let items = parse(response)["items"]?.elements, let written = items.first?["format"]?.whole
        else { return nil }
        var read: [Int: Int] = [:]
        for item in items {
            if let number = item["node"]?.whole, let newest = item["formatMax"]?.whole {
                read[Int(number)] = Int(newest)
            }
        }
        return (Int(written), read)
    }

    /// Who leads each partition: the one who says so with the highest term.
    func leaders() -> [Int: Int] {
        var found: [Int: (term: Int64, node: Int)] = [:]
        for node in fleet.nodes {
            for line in partitions(of: node.number) ?? [] where line.isLeading {
                if let known = found[line.partition], known.term >= line.term { continue }
                found[line.partition] = (line.term, node.number)
            }
        }
        return found.mapValues(\.node)
    }
}

/// A partition as one node sees it.
struct PartitionLine: Sendable {
    let partition: Int
    let isLeading: Bool
    let term: Int64
    let applied: Int64
    let digest: String?

    init?(_ value: JSONValue) {
        guard let partition = value["partition"]?.whole, let phase = value["phase"]?.text else { return nil }
        self.partition = Int(partition)
        isLeading = phase == "leading"
        term = value["term"]?.whole ?? 0
        applied = value["applied"]?.whole ?? 0
        digest = value["digest"]?.text
    }
}
