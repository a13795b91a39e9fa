import TandemCore
import TandemJournal
import Testing

@testable import TandemReadModel

/// SQLite's own word on how a query runs.
@Suite("Query plans")
struct QueryPlanTests {
    @Test("No list sorts, and none walks a table from end to end")
    func plans() throws {
        let scratch = try Scratch()
        let day = Day(seed: 31, turns: 300)
        let centre = day.centre
        try PartitionStore(directory: scratch.path, partition: 3).append(day.entries)
        let reader = try StoreReader(directory: scratch.path)
        var queries: Set<String> = []
        reader.observer = { queries.insert($0) }
        let (tenant, zero) = (centre.tenant, Timestamp(milliseconds: 0))
        let conversation = try #require(try reader.conversations(of: tenant, limit: 1).items.first)
        let contact = try #require(try reader.contacts(.open(tenant), limit: 1).items.first)
        for filter in [
            ConversationFilter(isOpen: true), ConversationFilter(customer: conversation.customer),
            ConversationFilter(queue: centre.queues[0]), ConversationFilter(isOpen: false, agent: centre.agents[0]),
        ] {
            _ = try reader.conversations(of: tenant, filter, limit: 5)
        }
        for filter in [
            ContactFilter.conversation(conversation.id), .queue(centre.queues[0], onlyOpen: true),
            .agent(centre.agents[0], onlyOpen: false),
        ] {
            _ = try reader.contacts(filter, limit: 5)
        }
        _ = try reader.offers(.contact(contact.id), limit: 5)
        _ = try reader.offers(.agent(centre.agents[0]), limit: 5)
        _ = try reader.decisions(of: contact.id, limit: 5)
        for filter in [ContactRecordFilter.tenant(tenant), .queue(centre.queues[0]), .agent(centre.agents[0])] {
            _ = try reader.contactRecords(filter, from: zero, to: centre.now, limit: 5)
        }
        _ = try reader.clocks(of: tenant, .state(.running), limit: 5)
        _ = try reader.clocks(of: tenant, .breached, limit: 5)
        _ = try reader.clocks(of: contact.id)
        _ = try reader.intervals(of: centre.agents[0], from: zero, to: centre.now, limit: 5)
        _ = try reader.agents(of: tenant, limit: 5)
        _ = try reader.queues(of: tenant, limit: 5)
        _ = try reader.customers(of: tenant, limit: 5)
        _ = try reader.customers(of: tenant, externalID: "ext-1", limit: 5)
        _ = try reader.credentials(of: tenant, limit: 5)
        _ = try reader.credentials(of: nil, limit: 5)
        _ = try reader.transcript(of: conversation.id, .fromEnd, limit: 5)
        _ = try reader.timeline(of: ActorID(tenant), .fromStart, limit: 5)
        _ = try reader.load(ActorID(tenant))
        #expect(queries.count > 20)
        for sql in queries {
            var plan: [String] = []
            try reader.database.prepare("EXPLAIN QUERY PLAN " + sql).forEachRow { plan.append($0.text(3)) }
            #expect(!plan.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan) of \(sql)")
        }
    }
}
