internal import Foundation
internal import TandemAPI
internal import TandemCore

/// Makes the tenants of a run, one in each partition, with their people and tokens.
struct Workplace {
    let administration: Administration
    let nodes: Int
    private static let visitors = 2
    private static let agents = 2

    /// A tenant's partition follows from the request's key: so many are tried until each partition has one.
    private static let tenantsPerPartitionMax = 30

    func build(partitions: Int) throws -> [Branch] {
        var branches: [Int: Branch] = [:]
        for number in 0..<partitions * Self.tenantsPerPartitionMax where branches.count < partitions {
            let name = "Drill \(number)"
            let made = try make("/v1/tenants", "{\"name\":\"\(name)\"}", key: "tenant-\(number)")
            guard let id = TenantID(made) else { throw Administration.Trouble(description: "no tenant in \(made)") }
            let partition = Int(id.partition)
            guard branches[partition] == nil else { continue }
            branches[partition] = try branch(made, partition)
        }
        return branches.keys.sorted().compactMap { branches[$0] }
    }

    private func branch(_ tenant: String, _ partition: Int) throws -> Branch {
        let key = "branch-\(partition)"
        let promise = try make(
            "/v1/sla-policies?tenant=\(tenant)",
            "{\"name\":\"Drill\",\"targets\":[{\"metric\":\"resolution\",\"channels\":[\"chat\"],"
                + "\"target\":\(Branch.promiseMilliseconds)}]}", key: key + "-promise")
        let queue = try make(
            "/v1/queues?tenant=\(tenant)",
            "{\"name\":\"Drill\",\"wrapUp\":{\"type\":\"optional\"},\"slaPolicy\":\"\(promise)\"}",
            key: key + "-queue")
        func token(_ role: String, _ key: String, _ more: String = "") throws -> String {
            let body = "{\"role\":\"\(role)\",\"tenant\":\"\(tenant)\",\"label\":\"\(key)\"\(more)}"
            let answer = try administration.insist("POST", "/v1/credentials", body: body, key: key + "-token")
            guard let token = answer["token"]?.text else { throw Administration.Trouble(description: "no token") }
            return token
        }
        let customers = try (0..<nodes + 1 + Self.visitors).map { place in
            let key = "\(key)-customer-\(place)"
            let id = try make("/v1/customers?tenant=\(tenant)", "{\"name\":\"Customer \(place)\"}", key: key)
            return Branch.Person(id: id, token: try token("customer", key, ",\"customer\":\"\(id)\""))
        }
        let agents = try (0..<Self.agents).map { place in
            let key = "\(key)-agent-\(place)"
            let id = try make(
                "/v1/agents?tenant=\(tenant)",
                "{\"name\":\"Agent \(place)\",\"queues\":[\"\(queue)\"],"
                    + "\"channels\":{\"chat\":{\"slots\":\(Branch.slots)}}}", key: key)
            return Branch.Person(id: id, token: try token("agent", key, ",\"agent\":\"\(id)\""))
        }
        return Branch(
            number: partition, tenant: tenant, partition: partition, queue: queue,
            supervisor: try token("supervisor", key + "-supervisor"), customers: customers, agents: agents)
    }

    private func make(_ path: String, _ body: String, key: String) throws -> String {
        let answer = try administration.insist("POST", path, body: body, key: key)
        guard let id = answer["id"]?.text else { throw Administration.Trouble(description: "no id from \(path)") }
        return id
    }
}
