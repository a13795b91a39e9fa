import Foundation
import TandemAPI
import TestPrograms

// What tests ask a node about its cluster and its partitions, and about what is said.
extension Daemon {
    /// A node that asks `member` to let it join, with the tokens that `member` knows; nothing runs yet.
    ///
    /// - Parameter port: where the others reach it
    static func joining(_ member: Daemon, as number: UInt32, at port: UInt16) throws -> Daemon {
        let joiner = try Daemon(
            NodeArguments.joining(member.port, as: Int(number), tokens: member.sheet, at: port))
        joiner.sheet = member.sheet
        return joiner
    }

    /// All items of a list, page by page.
    func items(_ path: String, token: String) throws -> [JSONValue] {
        var items: [JSONValue] = []
        var cursor = ""
        while true {
            let page = try call(
                "GET", path + (path.contains("?") ? "&" : "?") + "limit=500\(cursor)", token: token)
            items += page["items"]?.elements ?? []
            guard let next = page["next"]?.text else { return items }
            cursor = "&cursor=\(next)"
        }
    }

    /// The texts of a conversation, in their order.
    func transcript(of conversation: String, token: String) throws -> [String] {
        try items("/v1/conversations/\(conversation)/transcript", token: token).compactMap { $0["text"]?.text }
    }

    private var partitions: [JSONValue] {
        get throws { try told("partitions")["partitions"]?.elements ?? [] }
    }

    /// How many vote in each partition, at least.
    func votes() throws -> Int { try partitions.compactMap { $0["voters"]?.elements?.count }.min() ?? 0 }

    /// How many partitions are led by a node, on this one's word.
    func ledPartitions(by node: UInt32) throws -> Int {
        try partitions.count { $0["leader"]?.whole == Int64(node) }
    }

    /// The roles of the nodes that belong to the cluster.
    func roles() throws -> [UInt32: String] {
        var roles: [UInt32: String] = [:]
        for node in try told("nodes")["items"]?.elements ?? [] {
            roles[UInt32(node["node"]?.whole ?? 0)] = node["role"]?.text
        }
        return roles
    }

    /// Waits until some nodes have the same entries and the same records in every partition, of which none is damaged.
    static func agree(_ nodes: [Daemon], _ demo: Demo) throws {
        var seen: [[String]] = []
        try eventually(or: "they differ: \(seen)") {
            seen = try nodes.map { node in
                let found = try node.call("GET", "/v1/partitions?digest=true", token: demo.operator)
                return (found["partitions"]?.elements ?? []).map {
                    "\($0["partition"]?.whole ?? -1) \($0["applied"]?.whole ?? -1) \($0["digest"]?.text ?? "none") "
                        + "\($0["trouble"]?.text ?? "")"
                }
            }
            let isSame = Set(seen).count == 1 && seen[0].count == 2
            return isSame && !seen[0].contains { $0.contains("none") || $0.contains("damaged") } ? true : nil
        }
    }
}
