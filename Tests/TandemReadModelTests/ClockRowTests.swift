import TandemCore
import TandemWire
import Testing

@testable import TandemJournal
@testable import TandemReadModel

@Suite("Rows of clocks")
struct ClockRowTests {
    private struct World {
        let scratch: Scratch
        var centre: Centre
        let leg: Leg
        let store: PartitionStore
        let reader: StoreReader

        init() throws {
            scratch = try Scratch()
            centre = Centre()
            centre.open()
            leg = centre.conversation(of: centre.customer("Ann"), in: centre.queues[0])
            store = try PartitionStore(directory: scratch.path, partition: 3)
            reader = try StoreReader(directory: scratch.path)
        }

        /// Commits each as an entry of its own, and writes them as one batch.
        mutating func row(_ metric: SLAMetric, after events: [Event]...) throws -> ClockRow {
            for batch in events { centre.commit(batch) }
            try store.append(centre.entries)
            return try #require(try reader.clocks(of: leg.contact).first { $0.metric == metric })
        }
    }

    @Test("A clock that nobody promised has a row without target and deadline, and is in no list")
    func unpromised() throws {
        var world = try World()
        let row = try world.row(.answer, after: [.clockActivated(world.leg, ClockSet(metric: .answer, promise: nil))])
        #expect(row.state == .running && row.target == nil && row.dueAt == nil && row.warnPercent == nil)
        #expect(try world.reader.clocks(of: world.centre.tenant, .state(.running), limit: 9).items.isEmpty)
        let paused = try world.row(.answer, after: [.clockPaused(world.leg, .answer, remaining: nil)])
        #expect(paused.state == .paused && paused.remaining == nil)
        let resumed = try world.row(.answer, after: [.clockResumed(world.leg, .answer, warnAt: nil, dueAt: nil)])
        #expect(resumed.state == .running && resumed.dueAt == nil)
        let done = try world.row(
            .answer, after: [.clockFulfilled(world.leg, .answer, elapsed: .seconds(3), promised: false)])
        #expect(done.state == .fulfilled && done.elapsed == .seconds(3) && done.target == nil)
    }

    @Test(
        "A policy that is applied brings target and deadlines, and tells anew what was told", arguments: [true, false])
    func applied(inOneBatch: Bool) throws {
        var world = try World()
        let (leg, due) = (world.leg, world.centre.now + .hours(1))
        let first: [Event] = [
            .clockActivated(leg, world.centre.clock(.answer, due: due)), .clockWarned(leg, .answer),
            .clockBreached(leg, .answer),
        ]
        if !inOneBatch { _ = try world.row(.answer, after: first) }
        let promise = ClockPromise(target: .seconds(7), warnPercent: 60, policyVersion: 4)
        let terms = ClockTerms(metric: .answer, promise: promise, warnAt: nil, dueAt: due + .seconds(5))
        let second: [Event] = [
            .clockPolicyApplied(leg, terms), .clockBreached(leg, .answer, brokenAt: due + .seconds(5)),
        ]
        let row =
            inOneBatch ? try world.row(.answer, after: first, second) : try world.row(.answer, after: second)
        #expect(row.target == .seconds(7) && row.warnPercent == 60 && row.dueAt == due + .seconds(5))
        #expect(row.warnedAt == nil && row.breachedAt == due + .seconds(5) && row.state == .running)
        let breached = try world.reader.clocks(of: world.centre.tenant, .breached, limit: 9).items
        #expect(breached == [row])
        let renamed = ClockPromise(target: .seconds(7), policyVersion: 5)
        let same = try world.row(
            .answer,
            after: [.clockPolicyApplied(leg, ClockTerms(metric: .answer, promise: renamed, dueAt: row.dueAt))])
        #expect(same.breachedAt == row.breachedAt && same.warnPercent == 80, "the same deadline keeps its breach")
        let gone = try world.row(.answer, after: [.clockPolicyApplied(leg, ClockTerms(metric: .answer, promise: nil))])
        #expect(gone.target == nil && gone.dueAt == nil && gone.breachedAt == nil)
    }

    @Test("The clock of the matter outlives its leg, and runs again when its conversation is reopened")
    func matter() throws {
        var world = try World()
        let (leg, due) = (world.leg, world.centre.now + .hours(1))
        let closed = world.centre.closed(leg, by: nil, .abandoned)
        let ended = try world.row(
            .resolution,
            after: [
                .clockActivated(leg, world.centre.clock(.resolution, due: due)),
                .clockActivated(leg, world.centre.clock(.answer, due: due)),
            ], [closed])
        #expect(ended.state == .running)
        #expect(try world.reader.clocks(of: leg.contact).first { $0.metric == .answer }?.state == .ended)
        let done = try world.row(.resolution, after: [.clockFulfilled(leg, .resolution, elapsed: .seconds(9))])
        #expect(done.state == .fulfilled && done.elapsed == .seconds(9))
        let again = try world.row(
            .resolution, after: [.clockResumed(leg, .resolution, warnAt: due, dueAt: due + .hours(1))])
        #expect(again.state == .running && again.fulfilledAt == nil && again.elapsed == nil)
        #expect(again.dueAt == due + .hours(1))
    }

    @Test("A policy applied to a clock that does not run leaves its state, and it is listed by when it was started")
    func notRunning() throws {
        var world = try World()
        let leg = world.leg
        let promise = ClockPromise(target: .seconds(7))
        let row = try world.row(
            .answer,
            after: [.clockActivated(leg, ClockSet(metric: .answer, promise: nil))],
            [.clockFulfilled(leg, .answer, elapsed: .seconds(3), promised: false)],
            [.clockPolicyApplied(leg, ClockTerms(metric: .answer, promise: promise))])
        #expect(row.state == .fulfilled && row.target == .seconds(7) && row.dueAt == nil && row.elapsed == .seconds(3))
        let page = try world.reader.clocks(of: world.centre.tenant, .state(.fulfilled), limit: 1)
        #expect(page.items == [row])
        let paused = try world.row(
            .answer,
            after: [.clockActivated(leg, ClockSet(metric: .answer, promise: nil))],
            [.clockPaused(leg, .answer, remaining: nil)],
            [.clockPolicyApplied(leg, ClockTerms(metric: .answer, promise: promise, remaining: .seconds(-2)))])
        #expect(paused.state == .paused && paused.remaining == .seconds(-2))
    }

    @Test("A store that was made before clocks ran without a promise keeps its rows")
    func migration() throws {
        let scratch = try Scratch()
        var before = Migrator()
        for step in Schema.migrator().migrations.prefix(2) { before.register(step.name, step.body) }
        let database = try Database(path: PartitionStore.path(in: scratch.path), access: .create)
        try before.migrate(database)
        try database.execute(
            """
            INSERT INTO sla_clock (contact, metric, conversation, tenant, queue, state, target, calendar, policy,
                policy_version, activated_at, warn_at, due_at, breached_at)
            VALUES ('con_0000000000001', 0, 'cnv_0000000000001', 'ten_0000000000001', 'que_0000000000001', 0, 20000,
                NULL, NULL, 3, 5, 6, 7, 8)
            """)
        database.close()
        _ = try PartitionStore(directory: scratch.path, partition: 3)
        let rows = try Dump.rows(
            """
            SELECT contact, metric, state, target_ms, warn_percent, policy_version, due_ms, breached FROM sla_clocks
            """, 8, in: scratch.path)
        #expect(rows == ["con_0000000000001|answer|running|20000|80|3|7|1970-01-01T00:00:00.008Z"])
        let reader = try StoreReader(directory: scratch.path)
        let tenant = try #require(TenantID("ten_0000000000001"))
        #expect(try reader.clocks(of: tenant, .state(.running), limit: 5).items.count == 1)
        #expect(try reader.clocks(of: tenant, .breached, limit: 5).items.count == 1)
    }
}
