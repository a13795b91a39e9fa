internal import TandemTransport

/// Since when nobody is known to lead each partition. After a while this node is out of touch with it: who follows it here
/// would look at the past without knowing.
///
/// Beaten on the consensus loop; listened to from any thread.
// Safe: `hook` is under `lock`, the rest is touched on the loop only.
final class LeaderAbsence: @unchecked Sendable {
    /// As long as a read waits: who has been told that nobody leads and who is sent away see the same.
    static let boundNanoseconds = Patience.boundNanoseconds

    private let lock = Lock()
    private var hook: (@Sendable (UInt16) -> Void)?
    /// By partition; nil: somebody leads.
    private var since: [UInt64?]

    init(partitions: Int) { since = Array(repeating: nil, count: partitions) }

    /// Called on the consensus loop when nobody has led a partition for too long, and again whenever as much time has
    /// passed.
    func onTooLong(_ hook: @escaping @Sendable (UInt16) -> Void) { lock.withLock { self.hook = hook } }

    func beat(at now: UInt64, isLed: (UInt16) -> Bool) {
        for number in since.indices {
            guard !isLed(UInt16(number)) else {
                since[number] = nil
                continue
            }
            guard let began = since[number] else {
                since[number] = now
                continue
            }
            guard now >= began + Self.boundNanoseconds else { continue }
            since[number] = now
            lock.withLock { hook }?(UInt16(number))
        }
    }
}
