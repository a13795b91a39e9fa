import TandemCore
import Testing

@Suite("A credential")
struct CredentialTests {
    private let digest = [UInt8](repeating: 7, count: 32)

    private func spec(
        _ role: Role, tenant: TenantID? = Sample.tenant, agent: AgentID? = nil, customer: CustomerID? = nil
    ) -> CredentialSpec {
        CredentialSpec(
            tenant: tenant, role: role, agent: agent, customer: customer, label: "token", secretDigest: digest)
    }

    @Test("It is valid from its making until it is revoked, and revoking twice is one revocation")
    func life() throws {
        var bench = Bench(Credential(absent: Sample.credential))
        #expect(bench.machine.isAbsent && bench.machine.isDormant && bench.machine.deadlines.isEmpty)
        #expect(bench.refusal(.revoke) == Refusal(.notFound))
        var spec = spec(.supervisor)
        spec.expiresAt = bench.now + .hours(1)
        try bench.run(.create(spec))
        #expect(bench.machine.state == .valid(spec))
        #expect(bench.refusal(.create(spec)) == Refusal(.alreadyExists))
        #expect(try bench.run(.revoke).events == [.credentialRevoked(Sample.credential, Sample.tenant)])
        #expect(bench.machine.state == .revoked(spec, at: bench.now))
        let revoked = bench.machine
        bench.now = bench.now + .hours(1)
        #expect(try bench.run(.revoke).events.isEmpty)
        bench.apply(.credentialRevoked(Sample.credential, Sample.tenant))
        #expect(bench.machine == revoked, "it was revoked when it was first revoked")
        #expect(bench.refusal(.create(spec)) == Refusal(.alreadyExists), "a revoked one never comes back")
        #expect(try bench.wake().events.isEmpty)
    }

    @Test("Its role says whom it must name and whom it must not")
    func roles() {
        let bench = Bench(Credential(absent: Sample.credential))
        let table: [(CredentialSpec, Refusal?)] = [
            (spec(.administrator, tenant: nil), nil), (spec(.operator, tenant: nil), nil),
            (spec(.administrator), nil), (spec(.supervisor), nil),
            (spec(.agent, agent: Sample.agent), nil), (spec(.customer, customer: Sample.customer), nil),
            (spec(.supervisor, tenant: nil), Refusal(.invalid, field: "tenant")),
            (spec(.agent, tenant: nil, agent: Sample.agent), Refusal(.invalid, field: "tenant")),
            (spec(.customer, tenant: nil, customer: Sample.customer), Refusal(.invalid, field: "tenant")),
            (spec(.agent), Refusal(.invalid, field: "agent")),
            (spec(.customer), Refusal(.invalid, field: "customer")),
            (spec(.supervisor, agent: Sample.agent), Refusal(.invalid, field: "agent")),
            (spec(.agent, agent: Sample.agent, customer: Sample.customer), Refusal(.invalid, field: "customer")),
            (spec(.agent, agent: Sample.foreignAgent), Refusal(.notFound, field: "agent")),
            (spec(.customer, customer: Sample.foreignCustomer), Refusal(.notFound, field: "customer")),
            (spec(.customer, customer: Sample.id(Sample.nobody)), Refusal(.notFound, field: "customer")),
            (spec(.supervisor, tenant: Sample.id(Sample.nobody)), Refusal(.notFound, field: "tenant")),
        ]
        for (spec, expected) in table { #expect(bench.refusal(.create(spec)) == expected, "\(spec)") }
    }

    @Test("Its digest has 32 bytes, its label a bound, its end lies ahead")
    func bounds() {
        let bench = Bench(Credential(absent: Sample.credential))
        func refusal(_ change: (inout CredentialSpec) -> Void) -> Refusal? {
            var spec = spec(.supervisor)
            change(&spec)
            return bench.refusal(.create(spec))
        }
        #expect(refusal { $0.secretDigest.removeLast() } == Refusal(.invalid, field: "secretDigest"))
        #expect(refusal { $0.expiresAt = bench.now } == Refusal(.invalid, field: "expiresAt"))
        #expect(
            refusal { $0.label = String(repeating: "x", count: 257) } == Refusal(.limitExceeded, field: "label"))
    }
}
