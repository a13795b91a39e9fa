internal import TandemTransport

/// The bytes of one direction of a line, in their order: passed on at once, later, or not before the wire is whole.
// Safe: touched on the loop only.
final class RelayFlow: @unchecked Sendable {
    /// Bytes that wait here; with more, the sender is not read, and its own system holds the rest.
    private static let waitingBytesMax = 256 * 1024

    private struct Parcel {
        let due: UInt64
        let bytes: [UInt8]
    }

    private let loop: EventLoop
    private var parcels: [Parcel] = []
    private var waitingBytes = 0
    /// When the last byte that was taken is due.
    private var lastDue: UInt64 = 0
    private var timer: TimerToken?
    /// The sender says no more; told the receiver behind all parcels.
    private var isEnding = false
    private var isOver = false
    weak var source: RelayEnd?
    weak var sink: RelayEnd? { didSet { pump() } }
    var state = WireState.open { didSet { if state != oldValue { pump() } } }

    init(_ loop: EventLoop) { self.loop = loop }

    func take(_ bytes: [UInt8]) {
        guard !isOver else { return }
        parcels.append(Parcel(due: due(bytes.count), bytes: bytes))
        waitingBytes += bytes.count
        pump()
    }

    /// The sender has said all it will.
    func end() {
        isEnding = true
        pump()
    }

    func stop() {
        isOver = true
        parcels = []
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    private func due(_ count: Int) -> UInt64 {
        guard case .slow(let delay, let rate) = state else { return 0 }
        let now = EventLoop.monotonicNanoseconds()
        let passing = UInt64(count) * 1_000_000_000 / UInt64(max(rate, 1))
        lastDue = max(now + delay * 1_000_000, lastDue) + passing
        return lastDue
    }

    /// Passes on what may pass.
    func pump() {
        guard !isOver else { return }
        var taken = 0
        let now = EventLoop.monotonicNanoseconds()
        if state != .held, let sink, !sink.isClosed {
            while taken < parcels.count, parcels[taken].due <= now, !sink.isCongested {
                sink.write(parcels[taken].bytes)
                waitingBytes -= parcels[taken].bytes.count
                taken += 1
            }
        }
        parcels.removeFirst(taken)
        if state != .held, let first = parcels.first, first.due > now { wake(at: first.due) }
        let mustWait = state == .held || waitingBytes > Self.waitingBytesMax || sink?.isCongested ?? false
        if mustWait { source?.pause() } else { source?.resume() }
        if isEnding, parcels.isEmpty, state != .held { sink?.finish() }
    }

    private func wake(at due: UInt64) {
        guard timer == nil else { return }
        timer = loop.schedule(at: due) { [weak self] in
            self?.timer = nil
            self?.pump()
        }
    }
}
