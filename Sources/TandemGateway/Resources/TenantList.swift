internal import TandemAPI
internal import TandemCore
internal import TandemRuntime
internal import TandemTransport

/// Gathers the tenants of every partition, one partition after the other, and answers when it has them all.
// Safe: touched by one partition's answer at a time; the next partition is asked only then.
final class TenantList: @unchecked Sendable {
    private let call: Call
    private let caller: Caller
    private var found: [Tenant] = []

    init(_ call: Call) throws(Problem) {
        self.call = call
        caller = try call.requireCaller()
    }

    func gather() throws(Problem) { ask(caller.tenant?.partition ?? 0) }

    private func ask(_ partition: UInt16) {
        call.read(partition) {
            $0.tenants
        } then: { [self] tenants in
            found += tenants.filter { caller.sees($0.id) }
            let next = partition + 1
            if caller.tenant == nil, call.gateway.node.hasPartition(next) { return ask(next) }
            call.answer(page: found.sorted { $0.id < $1.id }.map { API.Stored($0) }, next: nil)
        }
    }
}
