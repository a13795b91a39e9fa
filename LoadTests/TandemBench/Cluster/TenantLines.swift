internal import TandemCore

/// Where a customer of a measured cluster speaks: his conversation, in one of the partitions, and the node that he goes
/// to first.
struct TenantLine: Sendable {
    let partition: UInt16
    let home: Int
    let token: String
    let conversation: String

    /// A new tenant's partition follows from its key: so many are tried until each has one.
    private static let tenantsMax = 400

    /// One tenant in each partition with so many customers, on all the nodes in turn.
    static func make(_ nodes: NodeProcesses, partitions: Int, perTenant: Int) throws -> [TenantLine] {
        var tenants: [UInt16: String] = [:]
        for number in 0..<tenantsMax where tenants.count < partitions {
            let made = try nodes.make("/v1/tenants", "{\"name\":\"Bench \(number)\"}")
            if let id = TenantID(made), tenants[id.partition] == nil { tenants[id.partition] = made }
        }
        guard tenants.count == partitions else { throw NodeProcesses.Trouble(description: "a partition has no tenant") }
        var lines: [TenantLine] = []
        for (partition, tenant) in tenants.sorted(by: { $0.key < $1.key }) {
            let queue = try nodes.make("/v1/queues?tenant=\(tenant)", "{\"name\":\"Bench\"}")
            let customer = try nodes.make("/v1/customers?tenant=\(tenant)", "{\"name\":\"Bench\"}")
            let token = try nodes.make(
                "/v1/credentials",
                "{\"role\":\"customer\",\"tenant\":\"\(tenant)\",\"customer\":\"\(customer)\",\"label\":\"bench\"}",
                "token")
            for _ in 0..<perTenant {
                let contact = "{\"channel\":\"chat\",\"queue\":\"\(queue)\",\"bot\":true}"
                let conversation = try nodes.make("/v1/conversations", "{\"contact\":\(contact)}", token: token)
                lines.append(
                    TenantLine(
                        partition: partition, home: lines.count % nodes.addresses.count, token: token,
                        conversation: conversation))
            }
        }
        return lines
    }
}
