import Foundation
import TandemAPI
import TandemTransport
import Testing

@Suite("What operators list and keep")
struct OperatorTests {
    private func actors(_ query: String, _ centre: Centre) throws -> [JSONValue] {
        var lines: [JSONValue] = []
        var next: String? = ""
        while let cursor = next {
            let more = cursor.isEmpty ? "" : "&cursor=\(cursor)"
            let page = try centre.made(.init("GET", "/v1/node/actors?\(query)\(more)", nil, centre.administrator))
            lines += page.items
            next = page.json["next"]?.text
        }
        return lines
    }

    private func names(_ lines: [JSONValue]) -> [String] { lines.compactMap { $0["actor"]?.text } }

    @Test("Actors are found by kind, tenant, queue and state")
    func filters() async throws {
        try await Centre.run { centre in
            let other = try centre.made(.init("POST", "/v1/tenants", #"{"name":"Other"}"#, centre.administrator)).id
            let stranger = try centre.token("supervisor", #""tenant":"\#(other)""#)
            let apart = try centre.made(.init("POST", "/v1/queues", #"{"name":"Apart"}"#, stranger)).id
            let (talking, _, _) = try centre.connect()
            let second = try centre.made(.init("POST", "/v1/queues", #"{"name":"Second"}"#, centre.supervisor)).id
            let waits = try centre.made(
                .init(
                    "POST", "/v1/conversations", #"{"contact":{"channel":"chat","queue":"\#(second)"}}"#,
                    centre.customerToken)
            ).id

            #expect(names(try actors("kind=queue&tenant=\(other)", centre)) == [apart])
            #expect(Set(names(try actors("kind=conversation&state=queued", centre))) == [waits])
            #expect(Set(names(try actors("state=connected", centre))) == [talking])
            #expect(Set(names(try actors("kind=agent&state=available", centre))) == [centre.agent])
            #expect(names(try actors("kind=agent&state=loggedOut", centre)) == [])
            #expect(Set(names(try actors("queue=\(second)", centre))) == [second, waits])
            #expect(Set(names(try actors("queue=\(centre.queue)", centre))) == [centre.queue, centre.agent, talking])
            #expect(try actors("kind=agent&queue=\(apart)", centre).isEmpty)
        }
    }

    @Test("Actors are sorted by age, size and next deadline, page by page as in one go", arguments: [1, 3, 500])
    func sorts(limit: Int) async throws {
        try await Centre.run { centre in
            _ = try centre.connect()
            _ = try centre.openConversation()
            let all = Set(names(try actors("limit=500", centre)))
            #expect(all.count >= 8)
            let byAge = try actors("sort=age&limit=\(limit)", centre)
            let ages = byAge.compactMap { $0["createdAt"]?.text }
            #expect(ages.count == byAge.count && ages == ages.sorted(), "the oldest first")
            let bySize = try actors("sort=size&limit=\(limit)", centre)
            let sizes = bySize.compactMap { $0["bytes"]?.whole }
            #expect(sizes == sizes.sorted(by: >) && sizes.first ?? 0 > 100)
            #expect(names(bySize).count == all.count && Set(names(bySize)) == all, "none twice, none left out")
            let byDeadline = try actors("sort=deadline&limit=\(limit)", centre)
            let deadlines = byDeadline.compactMap { $0["nextDeadline"]?.text }
            #expect(deadlines.count == byDeadline.count && deadlines == deadlines.sorted() && !deadlines.isEmpty)
            let mixed = try centre.get("/v1/node/actors?sort=age&limit=1", centre.administrator).json["next"]?.text
            let refused = try centre.get(
                "/v1/node/actors?sort=size&cursor=\(try #require(mixed))", centre.administrator)
            #expect(refused.status == 400 && refused.field == "cursor")
        }
    }

    @Test("What was said in a conversation goes when it is closed long enough; what is open, and the facts, stay")
    func retention() async throws {
        // A day passes in 0.9 s.
        try await Centre.run(testClock: 100_000, retentionDays: 1) { centre in
            func open() throws -> String {
                let id = try centre.openConversation().conversation
                try centre.made(
                    .init("POST", "/v1/conversations/\(id)/messages", #"{"text":"Remember"}"#, centre.customerToken))
                return id
            }
            func said(_ conversation: String) throws -> Int {
                try centre.made(
                    .init("GET", "/v1/conversations/\(conversation)/transcript", nil, centre.supervisor)
                ).items.count
            }
            let (closed, kept) = (try open(), try open())
            try centre.made(.init("POST", "/v1/conversations/\(closed)/close", nil, centre.customerToken))
            #expect(try said(closed) >= 1)
            // Time passes with what happens: the journal's clock is that of its entries.
            let deadline = EventLoop.monotonicNanoseconds() + 60_000_000_000
            while try said(closed) > 0, EventLoop.monotonicNanoseconds() < deadline {
                try centre.made(
                    .init("POST", "/v1/conversations/\(kept)/messages", #"{"text":"Still"}"#, centre.customerToken))
            }
            #expect(try said(closed) == 0)
            #expect(try said(kept) >= 2)
            let facts = try centre.get("/v1/conversations/\(closed)", centre.supervisor)
            #expect(facts.status == 200 && facts.json["isOpen"] == .boolean(false))
            let metrics = try centre.send(.init("GET", "/metrics")).response.text
            #expect(metrics.contains("tandem_retention_conversations_total 1\n"))
            #expect(metrics.contains("tandem_retention_seconds 86400\n"))
            let status = try centre.get("/v1/node/status", centre.administrator)
            #expect(status.json["retentionDays"]?.whole == 1)
        }
    }
}
