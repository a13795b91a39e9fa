internal import Synchronization

/// The loops of a node: one per core, handed out in turn.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]
    private let turn = Atomic<Int>(0)

    /// Makes `count` loops (at least one), named "`name`-0" and so on. They are not started.
    package init(
        count: Int, name: String = "loop", standstill: UInt64 = Limits.standstillNanoseconds
    ) throws(TransportError) {
        precondition(count > 0, "a group has a loop")
        var loops: [EventLoop] = []
        for index in 0..<count { loops.append(try EventLoop(name: "\(name)-\(index)", standstill: standstill)) }
        self.loops = loops
    }

    package func start() {
        for loop in loops { loop.start() }
    }

    /// Stops one after the other, in reverse; see `EventLoop.stop`.
    package func stop() {
        for loop in loops.reversed() { loop.stop() }
    }

    /// The next loop in turn; from any thread.
    package func next() -> EventLoop {
        let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: index) % UInt(loops.count))]
    }
}
