internal import TandemTransport

/// What is brought from any thread and worked off by whoever brings: one at a time, in order, without a thread of its own.
///
/// Who finds nobody at it works until nothing is left; what others bring meanwhile he finds.
// Safe: `waiting` and `isWorking` are under `lock`.
final class CombiningInbox<Input>: @unchecked Sendable {
    private let lock = Lock()
    private var waiting: [Input] = []
    private var isWorking = false

    /// Leaves something to do, and does all there is unless somebody is at it.
    ///
    /// - Parameters:
    ///   - note: called at once, before anybody works it off; in the order of what is brought.
    ///   - work: takes a batch, again and again; never called by two at once.
    func bring(_ input: Input, note: () -> Void = {}, work: ([Input]) -> Void) {
        lock.lock()
        note()
        waiting.append(input)
        guard !isWorking else { return lock.unlock() }
        isWorking = true
        var batch: [Input] = []
        while !waiting.isEmpty {
            swap(&batch, &waiting)
            lock.unlock()
            work(batch)
            batch.removeAll(keepingCapacity: true)
            lock.lock()
        }
        isWorking = false
        lock.unlock()
    }
}
