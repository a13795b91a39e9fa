import TandemAPI
import TandemCore
import TandemGateway
import TandemRuntime
import TandemTransport
import Testing

@Suite("Tokens")
struct TokenTests {
    @Test("A token is written and read back, and what is not written like one is none")
    func text() throws {
        let token = Token(credential: CredentialID(raw: 0x1234_5678_9abc_def0), secret: Token.makeSecret())
        let read = try #require(Token(token.text))
        #expect(read.credential == token.credential && read.secret == token.secret)
        for bad in [
            "", "tdm_", token.text.uppercased(), token.text + "0", String(token.text.dropLast()),
            token.text.replacing("crd_", with: "agt_"), "x" + token.text.dropFirst(),
        ] {
            #expect(Token(bad) == nil, "\(bad)")
        }
    }

    @Test("Without a token, with a malformed, an unknown or a wrong one, the answer is 401 and says how")
    func refuses() async throws {
        try await Centre.run { centre in
            let target = "/v1/tenants"
            let none = try centre.send(.init("GET", target))
            #expect(none.status == 401 && none.code == "unauthenticated")
            #expect(none.response.header("WWW-Authenticate") == "Bearer realm=\"tandem\"")
            let real = try #require(Token(centre.administrator))
            let wrong = Token(credential: real.credential, secret: Token.makeSecret()).text
            let unknown = Token(credential: CredentialID(raw: real.credential.raw + (1 << 10)), secret: real.secret)
                .text
            let elsewhere = Token(credential: CredentialID(raw: real.credential.raw | 1_023), secret: real.secret).text
            for token in ["nonsense", wrong, unknown, elsewhere] {
                let reply = try centre.get(target, token)
                #expect(reply.status == 401 && reply.code == "unauthenticated", "\(token)")
            }
            let basic = try centre.send(
                .init("GET", target, headers: [("Authorization", "Basic \(centre.administrator)")]))
            #expect(basic.status == 401)
            #expect(try centre.get(target, centre.administrator).status == 200)
            #expect(try centre.get(target, wrong).status == 401, "also once the right one is kept")
        }
    }

    @Test(
        "Unknown tokens are looked up so many at once; one more is told to come again, those that are kept are served")
    func looksUpBounded() async throws {
        try await Centre.run(partitions: 1) { centre in
            #expect(try centre.get("/v1/tenants", centre.administrator).status == 200)
            let (real, gate) = (try #require(Token(centre.administrator)), Semaphore())
            centre.node.partition(0).run { _ in gate.wait() }
            let (verdicts, authenticator) = (AsyncStream<ErrorCode?>.makeStream(), centre.gateway.authenticator)
            func present(_ number: Int) {
                let id = CredentialID(raw: real.credential.raw + UInt64(number) << 10)
                authenticator.authenticate(Token(credential: id, secret: real.secret)) { result in
                    switch result {
                    case .success: verdicts.continuation.yield(nil)
                    case .failure(let problem): verdicts.continuation.yield(problem.code)
                    }
                }
            }
            for number in 1...Authenticator.lookupsMax { present(number) }
            var told = verdicts.stream.makeAsyncIterator()
            present(Authenticator.lookupsMax + 1)
            #expect(await told.next() == .busy)
            present(0)
            #expect(await told.next() == .some(nil), "it needs no look")
            gate.signal()
            for _ in 1...Authenticator.lookupsMax { #expect(await told.next() == .unauthenticated) }
            present(Authenticator.lookupsMax + 1)
            #expect(await told.next() == .unauthenticated)
        }
    }

    @Test("A revoked token is refused at once, and stays refused")
    func revokes() async throws {
        try await Centre.run { centre in
            let made = try centre.made(
                .init("POST", "/v1/credentials", #"{"role":"operator","label":"temporary"}"#, centre.administrator))
            let token = try #require(made.json["token"]?.text)
            #expect(made.response.header("Cache-Control") == "no-store")
            #expect(try centre.get("/v1/node/status", token).status == 200)
            try centre.made(.init("DELETE", "/v1/credentials/\(made.id)", nil, centre.administrator))
            let reply = try centre.get("/v1/node/status", token)
            #expect(reply.status == 401 && reply.code == "credentialRevoked")
            #expect(reply.response.header("WWW-Authenticate")?.contains("invalid_token") == true)
            let listed = try centre.get("/v1/credentials?scope=node", centre.administrator)
            let line = try #require(listed.items.first { $0["id"]?.text == made.id })
            #expect(line["revokedAt"] != nil)
            #expect(!listed.response.text.contains("secret") && !listed.response.text.contains("tdm_"))
        }
    }

    @Test("A token made through another node's eyes is dropped by its event, not by a clock")
    func followsRevocation() async throws {
        try await Centre.run { centre in
            let made = try centre.made(
                .init("POST", "/v1/credentials", #"{"role":"operator","label":"temporary"}"#, centre.administrator))
            let token = try #require(made.json["token"]?.text)
            #expect(try centre.get("/v1/node/status", token).status == 200)
            let id = try #require(CredentialID(made.id))
            // Past the gateway: as if another node had taken the request.
            await withCheckedContinuation { done in
                centre.node.submit(.credential(id, .revoke)) { _ in done.resume() }
            }
            let deadline = EventLoop.monotonicNanoseconds() + 5_000_000_000
            var status = 200
            while status == 200, EventLoop.monotonicNanoseconds() < deadline {
                status = try centre.get("/v1/node/status", token).status
            }
            #expect(status == 401)
        }
    }

    @Test("An expired token is refused, and one that would expire in the past is not made")
    func expires() async throws {
        try await Centre.run { centre in
            let past = try centre.post(
                "/v1/credentials", #"{"role":"operator","label":"x","expiresAt":"2020-01-01T00:00:00Z"}"#,
                centre.administrator)
            #expect(past.code == "invalid" && past.field == "expiresAt")
            let status = try centre.get("/v1/node/status", centre.administrator)
            let text = try #require(status.json["time"]?.text)
            let now = try #require(TimestampText.parse(text))
            let soon = TimestampText.text(now + Milliseconds(400))
            let token = try centre.token("operator", #""expiresAt":"\#(soon)""#)
            let deadline = EventLoop.monotonicNanoseconds() + 5_000_000_000
            var reply = try centre.get("/v1/node/status", token)
            while reply.status == 200, EventLoop.monotonicNanoseconds() < deadline {
                reply = try centre.get("/v1/node/status", token)
            }
            #expect(reply.status == 401 && reply.code == "credentialExpired")
        }
    }
}
