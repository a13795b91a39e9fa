/// A deadline that is moved often and met seldom.
///
/// Moving it later costs an assignment: the timer underneath fires at the old time, sees that the deadline has moved, and
/// is armed again. Belongs to one loop.
// Safe: touched on the loop only; `Sendable` for the timer's closure.
final class Deadline: @unchecked Sendable {
    private let loop: EventLoop
    private let onMet: @Sendable () -> Void
    private var token: TimerToken?
    private var at = UInt64.max

    /// `onMet` holds its owner unowned: the owner lets go of its deadline, and with it of the timer, when it ends. (A weak
    /// reference would make every retain of the owner dearer.)
    init(_ loop: EventLoop, onMet: @escaping @Sendable () -> Void) {
        self.loop = loop
        self.onMet = onMet
    }

    var isSet: Bool { at != .max }

    /// Sets or moves the deadline, in monotonic nanoseconds.
    func set(_ deadline: UInt64) {
        at = deadline
        if let token {
            guard deadline < token.deadline else { return }
            loop.cancel(token)
        }
        arm(deadline)
    }

    /// Sets the deadline `milliseconds` after the start of the current batch.
    func set(afterMilliseconds milliseconds: UInt64) { set(loop.batchTime &+ milliseconds &* 1_000_000) }

    /// There is no deadline; a timer that is armed comes to nothing.
    func clear() { at = .max }

    /// As `clear`, and lets go of the timer at once.
    func cancel() {
        at = .max
        if let token { loop.cancel(token) }
        token = nil
    }

    private func arm(_ deadline: UInt64) {
        token = loop.schedule(at: deadline) { [weak self] in self?.fired() }
    }

    private func fired() {
        token = nil
        guard at != .max else { return }
        if at > loop.batchTime {
            arm(at)
        } else {
            at = .max
            onMet()
        }
    }
}
