/// Names one timer of a loop, to cancel it by.
///
/// Holds the work until it has fired or was cancelled, and nothing afterwards.
// Safe: `work` is touched on the loop's thread only, or before the token is handed to it; `deadline` never changes.
package final class TimerToken: @unchecked Sendable {
    /// `CLOCK_MONOTONIC` nanoseconds.
    package let deadline: UInt64
    fileprivate(set) var work: (@Sendable () -> Void)?

    init(deadline: UInt64, work: @escaping @Sendable () -> Void) {
        self.deadline = deadline
        self.work = work
    }
}

/// The timers of one loop, soonest first; equal deadlines fire in the order they were armed.
///
/// A four-way heap. A cancelled timer gives up its work at once and its place when it comes up, or when more than half
/// of the places belong to cancelled ones (so that arming and cancelling for ever stays bounded).
struct TimerHeap {
    private struct Place {
        let deadline: UInt64
        let order: UInt64
        let token: TimerToken

        @inline(__always)
        func isBefore(_ other: Place) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : order < other.order
        }
    }

    private var places: [Place] = []
    private var orderNext: UInt64 = 0
    private var cancelled = 0

    /// How many timers are armed.
    var count: Int { places.count - cancelled }

    /// Places taken, by cancelled timers too.
    var placeCount: Int { places.count }

    /// The soonest deadline among the places, a cancelled one's too.
    var deadlineNext: UInt64? { places.first?.deadline }

    mutating func insert(_ token: TimerToken) {
        guard token.work != nil else { return }  // Cancelled before it was armed.
        places.append(Place(deadline: token.deadline, order: orderNext, token: token))
        orderNext += 1
        siftUp(places.count - 1)
    }

    /// Takes the work out of the token; the caller says whether the token was in the heap.
    mutating func cancel(_ token: TimerToken) {
        guard token.work != nil else { return }  // It has fired, or was cancelled before.
        token.work = nil
        cancelled += 1
        if cancelled > 64, cancelled > places.count / 2 { compact() }
    }

    /// The work of the soonest timer that is due at `now`, which is then no longer armed.
    mutating func popDue(at now: UInt64) -> (@Sendable () -> Void)? {
        while let first = places.first, first.deadline <= now {
            removeFirst()
            if let work = first.token.work {
                first.token.work = nil
                return work
            }
            cancelled -= 1
        }
        return nil
    }

    private mutating func compact() {
        places.removeAll { $0.token.work == nil }
        cancelled = 0
        guard places.count > 1 else { return }
        for index in stride(from: (places.count - 2) / 4, through: 0, by: -1) { siftDown(index) }
    }

    private mutating func removeFirst() {
        let last = places.removeLast()
        if !places.isEmpty {
            places[0] = last
            siftDown(0)
        }
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        let place = places[index]
        while index > 0 {
            let parent = (index - 1) / 4
            guard place.isBefore(places[parent]) else { break }
            places[index] = places[parent]
            index = parent
        }
        places[index] = place
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        let place = places[index]
        while true {
            let firstChild = index * 4 + 1
            guard firstChild < places.count else { break }
            var best = firstChild
            for child in (firstChild + 1)..<max(firstChild + 1, min(firstChild + 4, places.count))
            where places[child].isBefore(places[best]) {
                best = child
            }
            guard places[best].isBefore(place) else { break }
            places[index] = places[best]
            index = best
        }
        places[index] = place
    }
}
