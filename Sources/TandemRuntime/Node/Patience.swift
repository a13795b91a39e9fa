internal import TandemTransport

/// Questions that nobody could answer because nobody led their partition just then: each is asked again as soon as somebody
/// is known to lead, for a while.
///
/// An election takes 50 to 300 ms, so a client of a healthy majority sees latency and no error. What is asked again is
/// asked anew: an answer to an earlier question says nothing about now. A node that is cut off knows that it waits in vain.
///
/// Waited at from any thread; beaten on the consensus loop.
// Safe: everything that changes is under `lock`.
package final class Patience: @unchecked Sendable {
    /// A dozen elections: where nobody leads for so long there is no majority within reach, and the client is better off
    /// with another node.
    package static let boundNanoseconds: UInt64 = 5_000_000_000
    /// Questions that wait at once, each with the request of a client, a few kilobytes. One more is not waited for.
    static let waitingMax = 16_384

    private struct Waiter {
        let partition: UInt16
        let deadline: UInt64
        let again: @Sendable (Bool) -> Void
    }

    private let lock = Lock()
    private var waiting: [Waiter] = []
    private var isOver = false

    /// - Parameters:
    ///   - deadline: in monotonic nanoseconds.
    ///   - again: called once: with true when it is worth asking anew, with false when waiting is over. At once when there
    ///     is no room, else with a beat: so nobody asks more often than every 10 ms.
    func wait(for partition: UInt16, until deadline: UInt64, _ again: @escaping @Sendable (Bool) -> Void) {
        let isTaken = lock.withLock {
            guard !isOver, waiting.count < Self.waitingMax else { return false }
            waiting.append(Waiter(partition: partition, deadline: deadline, again: again))
            return true
        }
        if !isTaken { again(false) }
    }

    /// - Parameter isHopeless: nobody will lead it as long as this node is cut off.
    func beat(at now: UInt64, isLed: (UInt16) -> Bool, isHopeless: (UInt16) -> Bool = { _ in false }) {
        let (worthAsking, late) = lock.withLock { () -> ([Waiter], [Waiter]) in
            guard !waiting.isEmpty else { return ([], []) }
            var (worthAsking, late, left): ([Waiter], [Waiter], [Waiter]) = ([], [], [])
            for waiter in waiting {
                if waiter.deadline <= now || isHopeless(waiter.partition) {
                    late.append(waiter)
                } else if isLed(waiter.partition) {
                    worthAsking.append(waiter)
                } else {
                    left.append(waiter)
                }
            }
            waiting = left
            return (worthAsking, late)
        }
        for waiter in late { waiter.again(false) }
        for waiter in worthAsking { waiter.again(true) }
    }

    /// Questions that wait now.
    var count: Int { lock.withLock { waiting.count } }

    /// The node is going: nobody is waited for any more.
    func end() {
        let left = lock.withLock { () -> [Waiter] in
            isOver = true
            defer { waiting = [] }
            return waiting
        }
        for waiter in left { waiter.again(false) }
    }
}
