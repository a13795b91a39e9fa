internal import CLinux
internal import Glibc

/// Accepts connections on one loop and hands them round.
///
/// When the process has no descriptor left, one kept in reserve is given up to accept and close a waiting connection (so
/// that its client learns it) and accepting rests for a moment: an accept that fails again and again must not spin. When
/// the socket itself is of no use any more, `onFailure` is told and nothing is accepted until there is another listener.
// Safe: touched on its loop only, but for what is set before it starts.
package final class Listener: EventHandler, @unchecked Sendable {
    /// How long accepting rests when there are no descriptors.
    private static let restMilliseconds: UInt64 = 50

    package let address: SocketAddress
    private let loop: EventLoop
    private let descriptor: Int32
    private var registration: Poller.Registration?
    /// The loop watches the socket or has, and closes it.
    private var watched = false
    private var stopped = false
    private var reserve: Int32
    private let metrics: TransportMetrics
    private let onAccept: @Sendable (_ descriptor: Int32, _ peer: SocketAddress) -> Void
    private let onFailure: @Sendable (TransportError) -> Void

    /// Binds and listens (port 0 lets the system choose: see `address`); nothing is accepted before `start`.
    ///
    /// `onAccept` is called on `loop` with a non-blocking socket that is then its to close; `onFailure` at most once, on
    /// `loop`, after the port was freed.
    package init(
        on loop: EventLoop, address: SocketAddress, backlog: Int32, metrics: TransportMetrics,
        onAccept: @escaping @Sendable (_ descriptor: Int32, _ peer: SocketAddress) -> Void,
        onFailure: @escaping @Sendable (TransportError) -> Void = { _ in }
    ) throws(TransportError) {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw .system(.resource, "socket") }
        do throws(TransportError) {
            var one: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
            guard address.withSockaddr({ bind(descriptor, $0, $1) }) == 0 else {
                throw TransportError.system(.address, "bind \(address)")
            }
            guard listen(descriptor, backlog) == 0 else { throw TransportError.system(.address, "listen \(address)") }
            self.address = try SocketAddress(boundTo: descriptor)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.loop = loop
        self.descriptor = descriptor
        self.metrics = metrics
        self.onAccept = onAccept
        self.onFailure = onFailure
        reserve = Self.openReserve()
    }

    deinit {
        if reserve >= 0 { Glibc.close(reserve) }
        if !watched { Glibc.close(descriptor) }  // Else the loop has closed it.
    }

    /// Begins to accept.
    package func start() {
        loop.run { [self] in
            guard !stopped else { return }
            registration = try? loop.register(descriptor, self)
            precondition(registration != nil, "a new listener can be watched")
            watched = true
        }
    }

    /// Accepts no more and frees the port; returns when that is done. Not on its loop.
    package func stop() {
        precondition(!loop.isCurrent, "a loop cannot wait for itself")
        let done = Semaphore()
        loop.run { [self] in
            close()
            done.signal()
        }
        done.wait()
    }

    /// As `stop`, on its loop.
    func close() {
        stopped = true
        loopEnds()
    }

    func handle(events: UInt32) { acceptAll() }

    func loopEnds() {
        if let registration { loop.close(registration) }
        registration = nil
    }

    private func acceptAll() {
        while registration != nil {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let accepted = tandem_accept(descriptor, &storage, &length)
            if accepted >= 0 {
                metrics.countAccepted()
                var one: Int32 = 1
                setsockopt(accepted, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
                onAccept(accepted, SocketAddress(storage, length: length))
                continue
            }
            switch errno {
            case EAGAIN: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return rest()
            case EBADF, EINVAL, ENOTSOCK: return fail()
            default: continue  // The connection was gone before it was accepted; the next may be there.
            }
        }
    }

    /// The socket does not listen any more: trying on would only spin.
    private func fail() {
        let error = TransportError.system(.address, "accept on \(address)")
        loopEnds()
        onFailure(error)
    }

    private func rest() {
        metrics.countRefused()
        if reserve >= 0 {
            Glibc.close(reserve)
            let accepted = accept(descriptor, nil, nil)
            if accepted >= 0 { Glibc.close(accepted) }
        }
        reserve = Self.openReserve()
        let deadline = EventLoop.monotonicNanoseconds() + Self.restMilliseconds * 1_000_000
        loop.schedule(at: deadline) { [weak self] in self?.acceptAll() }
    }

    private static func openReserve() -> Int32 { eventfd(0, Int32(EFD_CLOEXEC)) }
}
