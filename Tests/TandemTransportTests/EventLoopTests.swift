import TandemTransport
import Testing

@Suite("An event loop")
struct EventLoopTests {
    /// A loop that runs for the length of `body`.
    private func withLoop(_ body: (EventLoop) throws -> Void) throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        defer { loop.stop() }
        try body(loop)
    }

    @Test("The work of one thread runs in its order, on the loop's thread")
    func order() throws {
        let log = Log<Int>()
        let here = Log<Bool>()
        try withLoop { loop in
            #expect(!loop.isCurrent)
            for index in 0..<1_000 {
                loop.run {
                    log.append(index)
                    here.append(loop.isCurrent)
                }
            }
        }
        #expect(log.all == Array(0..<1_000))
        #expect(here.all.allSatisfy { $0 })
    }

    @Test("Work enqueued from several threads at once is run once each, and each thread's in its order")
    func threads() throws {
        let log = Log<(Int, Int)>()
        let loop = try EventLoop(name: "test")
        loop.start()
        let senders = try EventLoopGroup(count: 4)
        for sender in 0..<4 {
            senders.loops[sender].run {
                for index in 0..<5_000 { loop.run { log.append((sender, index)) } }
            }
        }
        senders.start()
        senders.stop()
        loop.stop()
        let all = log.all
        #expect(all.count == 20_000)
        for sender in 0..<4 {
            #expect(all.filter { $0.0 == sender }.map(\.1) == Array(0..<5_000))
        }
    }

    @Test("Work waits for the start; work that work enqueues before the stop is finished; later work is dropped")
    func life() throws {
        let log = Log<String>()
        let loop = try EventLoop(name: "test")
        loop.run {
            log.append("waited")
            loop.run { log.append("enqueued by it") }
        }
        #expect(log.all.isEmpty)
        loop.start()
        loop.stop()
        loop.run { log.append("late") }
        loop.stop()
        #expect(log.all == ["waited", "enqueued by it"])
    }

    @Test("Work that enqueues itself for ever does not keep a loop from stopping")
    func endlessWork() throws {
        let loop = try EventLoop(name: "test")
        @Sendable func again() { loop.run { again() } }
        again()
        loop.start()
        loop.stop()
    }

    @Test("Timers fire soonest first, equal ones in the order they were armed, and cancelled ones not at all")
    func timers() throws {
        let log = Log<Int>()
        let done = Gate()
        try withLoop { loop in
            loop.run {
                let now = EventLoop.monotonicNanoseconds()
                var tokens: [TimerToken] = []
                for (label, after) in [(3, 3_000_000), (1, 1_000_000), (4, 3_000_000), (2, 2_000_000), (9, 1_500_000)] {
                    tokens.append(loop.schedule(at: now + UInt64(after)) { log.append(label) })
                }
                loop.cancel(tokens[4])
                loop.cancel(tokens[4])
                loop.schedule(at: now + 4_000_000) { done.open() }
            }
            done.wait()
        }
        #expect(log.all == [1, 2, 3, 4])
    }

    @Test("Timers are armed and cancelled from other threads too")
    func timersFromElsewhere() throws {
        let log = Log<Int>()
        let done = Gate()
        try withLoop { loop in
            let far = EventLoop.monotonicNanoseconds() + 3_600_000_000_000
            let token = loop.schedule(at: far) { log.append(1) }
            loop.cancel(token)
            loop.schedule(at: 0) {
                log.append(2)
                done.open()
            }
            done.wait()
        }
        #expect(log.all == [2])
    }

    @Test("Hooks run once, when the batch that set them is done and before the next")
    func hooks() throws {
        let log = Log<String>()
        try withLoop { loop in
            loop.run {
                log.append("first")
                loop.afterBatch { log.append("hook") }
                loop.run { log.append("next batch") }
            }
            let reached = Gate()
            loop.run { reached.open() }
            reached.wait()
        }
        let all = log.all
        #expect(all == ["first", "hook", "next batch"])
    }

    @Test("An actor on the loop is entered synchronously from its callbacks, and its jobs run there")
    func actors() async throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        let counter = Counter(loop)
        #expect(await counter.add() == 1)
        #expect(await counter.onItsLoop())
        let seen = Log<Int>()
        let done = Gate()
        loop.run {
            counter.assumeIsolated { isolated in seen.append(isolated.add()) }
            done.open()
        }
        done.wait()
        loop.stop()
        #expect(seen.all == [2])
    }

    @Test("The longest batch is measured, and starts again when taken")
    func load() throws {
        try withLoop { loop in
            let done = Gate()
            loop.run {
                let end = EventLoop.monotonicNanoseconds() + 2_000_000
                while EventLoop.monotonicNanoseconds() < end {}
            }
            loop.run { loop.run { done.open() } }
            done.wait()
            let load = loop.load(resettingLongest: true)
            #expect(load.batchLongest >= 2_000_000)
            #expect(load.jobs >= 2)
            #expect(load.batches >= 1)
        }
    }

    @Test("A group hands out its loops in turn")
    func group() throws {
        let group = try EventLoopGroup(count: 3)
        let names = (0..<6).map { _ in group.next().name }
        #expect(names == ["loop-0", "loop-1", "loop-2", "loop-0", "loop-1", "loop-2"])
        group.start()
        group.stop()
    }
}

private actor Counter {
    nonisolated let loop: EventLoop
    private var count = 0

    init(_ loop: EventLoop) { self.loop = loop }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    func add() -> Int {
        count += 1
        return count
    }

    func onItsLoop() -> Bool { loop.isCurrent }
}
