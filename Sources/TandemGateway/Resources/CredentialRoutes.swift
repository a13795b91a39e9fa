internal import TandemAPI
internal import TandemCore
internal import TandemReadModel
internal import TandemRuntime
internal import TandemTransport
internal import TandemWire

extension Routes {
    static let credentials = [
        Route(
            .post, "/v1/credentials", .manageCredentials,
            "Make a bearer token. The answer is the only place where it is told.",
            body: .json(API.CredentialRequest.self), status: 201, reply: .json(API.CredentialCreated.self)
        ) { call throws(Problem) in
            try call.makeCredential()
        },
        Route(
            .get, "/v1/credentials", .manageCredentials,
            "List a tenant's tokens, without their secrets; above tenants, with `scope=node`, the node's own staff.",
            query: [.tenant, .limit, .cursor, .init("scope", .word(["node"]), "Those that belong to no tenant.")],
            reply: .page(API.Credential.self)
        ) { call throws(Problem) in
            try call.listCredentials()
        },
        Route(
            .delete, "/v1/credentials/{credential}", .manageCredentials, "Revoke a token, for good.", ids: ["crd"],
            reply: .json(API.Written.self)
        ) { call throws(Problem) in
            let (id, caller): (CredentialID, Caller) = (try call.id(), try call.requireCaller())
            call.record(ActorID(id)) { record throws(Problem) in
                guard case .credential(let credential) = record, let spec = credential.spec,
                    caller.sees(spec.tenant)
                else { throw Problem(.notFound) }
                guard caller.mayManage(spec.role) else { throw Problem(.forbidden) }
                call.submit(.credential(id, .revoke)) { call, answer, position in
                    call.gateway.authenticator.forget(id)
                    call.written(answer, position)
                }
            }
        },
    ]
}

extension Caller {
    /// Supervisors make and revoke the tokens of agents and customers; those of staff are the administrators' business.
    fileprivate func mayManage(_ role: Role) -> Bool {
        switch role {
        case .agent, .customer: true
        case .administrator, .operator, .supervisor: self.role == .administrator
        }
    }
}

extension Credential {
    fileprivate var spec: CredentialSpec? {
        switch state {
        case .absent: nil
        case .valid(let spec), .revoked(let spec, _): spec
        }
    }
}

extension Call {
    fileprivate func makeCredential() throws(Problem) {
        let (body, caller) = (try body(API.CredentialRequest.self), try requireCaller())
        let tenant = body.tenant ?? caller.tenant
        if let tenant {
            guard caller.sees(tenant), gateway.node.hasPartition(tenant.partition) else {
                throw Problem(.notFound, field: "tenant")
            }
        }
        guard caller.mayManage(body.role) else { throw Problem(.forbidden, field: "role") }
        let secret = secret(for: caller)
        let spec = CredentialSpec(
            tenant: tenant, role: body.role, agent: body.agent, customer: body.customer, label: body.label,
            secretDigest: Token.digest(secret), expiresAt: body.expiresAt)
        submit(.credential(nil, .create(spec))) { call, made, _ in
            let id = CredentialID(raw: made.actor.raw)
            let token = Token(credential: id, secret: secret)
            call.answer(
                API.CredentialCreated(id: id, token: token.text), headers: .json.adding("Cache-Control", "no-store"))
        }
    }

    /// A new secret. With an idempotency key it follows from the caller's own secret and the request, so that the same
    /// request sent again is told the same token, which nobody else can work out.
    private func secret(for caller: Caller) -> [UInt8] {
        guard let key = request.header("Idempotency-Key") else { return Token.makeSecret() }
        return MessageAuthentication.hmacSHA256(
            key: caller.secret, Array("tandem credential\n\(key)\n".utf8) + request.body)
    }

    fileprivate func listCredentials() throws(Problem) {
        let caller = try requireCaller()
        var tenant: TenantID?
        if query["scope"] == nil {
            tenant = try self.tenant()
        } else if caller.tenant != nil {
            throw Problem(.forbidden, field: "scope")
        }
        let (whose, after, limit) = (tenant, try cursor(as: CredentialID.self), limit)
        query(tenant?.partition ?? 0) { store in
            try store.credentials(of: whose, after: after, limit: limit)
        } then: { page in
            let items = page.items.map {
                API.Credential(
                    id: $0.id, role: $0.spec.role, tenant: $0.spec.tenant, agent: $0.spec.agent,
                    customer: $0.spec.customer, label: $0.spec.label, createdAt: $0.createdAt,
                    expiresAt: $0.spec.expiresAt, revokedAt: $0.revokedAt)
            }
            answer(page: items, next: page.next.map { Cursor.text($0.description) })
        }
    }
}
