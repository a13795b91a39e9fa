internal import CLinux
internal import Glibc
internal import TandemTransport

/// Bare loopback sockets: a server that answers a constant, and a client that keeps every connection busy. The limit of
/// what any server can do here.
enum RawSockets {
    static let request = Array("GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8)

    /// Serves until `stop` is read as true after an event; on the caller's thread.
    static func serve(_ listener: Int32, answering answer: [UInt8], until stop: () -> Bool) {
        let poll = epoll_create1(0)
        watch(poll, listener)
        var events = [epoll_event](repeating: epoll_event(), count: 128)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var open: [Int32] = []
        while !stop() {
            let count = epoll_wait(poll, &events, 128, 50)
            for index in 0..<max(0, Int(count)) {
                let descriptor = events[index].data.fd
                if descriptor == listener {
                    let client = accept(listener, nil, nil)
                    setNoDelay(client)
                    watch(poll, client)
                    open.append(client)
                } else {
                    let got = recv(descriptor, &buffer, buffer.count, 0)
                    if got > 0 { send(descriptor, answer, answer.count, Int32(MSG_NOSIGNAL)) }
                    if got == 0 { epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, nil) }
                }
            }
        }
        for descriptor in open { close(descriptor) }
        close(poll)
    }

    /// Sends a request on each of `connections` connections whenever the last was answered; answers per second.
    static func load(port: UInt16, connections: Int, seconds: Double) -> Double {
        let poll = epoll_create1(0)
        var open: [Int32] = []
        for _ in 0..<connections {
            let descriptor = connection(port)
            watch(poll, descriptor)
            open.append(descriptor)
        }
        for descriptor in open { send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) }
        var events = [epoll_event](repeating: epoll_event(), count: 128)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var answers = 0
        let began = EventLoop.monotonicNanoseconds()
        let end = began + UInt64(seconds * 1e9)
        while EventLoop.monotonicNanoseconds() < end {
            let count = epoll_wait(poll, &events, 128, 50)
            for index in 0..<max(0, Int(count)) {
                let descriptor = events[index].data.fd
                guard recv(descriptor, &buffer, buffer.count, 0) > 0 else { continue }
                answers += 1
                send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
            }
        }
        let took = Double(EventLoop.monotonicNanoseconds() - began) / 1e9
        for descriptor in open { close(descriptor) }
        close(poll)
        return Double(answers) / took
    }

    /// Serves one connection until it ends, with blocking calls: sends back what came, or only how much (4 bytes).
    static func serveOne(_ listener: Int32, counting: Bool) {
        let client = accept(listener, nil, nil)
        setNoDelay(client)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let got = recv(client, &buffer, buffer.count, 0)
            guard got > 0 else { break }
            if counting {
                var count = UInt32(got)
                send(client, &count, 4, Int32(MSG_NOSIGNAL))
            } else {
                send(client, buffer, got, Int32(MSG_NOSIGNAL))
            }
        }
        close(client)
    }

    /// Sends `bytes` bytes whenever the last came back; how long each took.
    static func pingPong(_ port: UInt16, bytes: Int, seconds: Double) -> Latencies {
        let descriptor = connection(port)
        var buffer = [UInt8](repeating: 7, count: bytes)
        var latencies = Latencies()
        let end = EventLoop.monotonicNanoseconds() + UInt64(seconds * 1e9)
        var sentAt = EventLoop.monotonicNanoseconds()
        while sentAt < end {
            send(descriptor, buffer, bytes, Int32(MSG_NOSIGNAL))
            guard recv(descriptor, &buffer, bytes, Int32(MSG_WAITALL)) == bytes else { break }
            let now = EventLoop.monotonicNanoseconds()
            latencies.record(now - sentAt)
            sentAt = now
        }
        close(descriptor)
        return latencies
    }

    /// Sends blocks of `bytes` bytes to a server that counts, at most `window` of them ahead of it; bytes per second.
    static func stream(_ port: UInt16, bytes: Int, window: Int, seconds: Double) -> Double {
        let descriptor = connection(port)
        let block = [UInt8](repeating: 7, count: bytes)
        var (sent, counted) = (0, 0)
        let began = EventLoop.monotonicNanoseconds()
        let end = began + UInt64(seconds * 1e9)
        while EventLoop.monotonicNanoseconds() < end {
            if sent - counted <= bytes * (window - 1) {
                sent += send(descriptor, block, bytes, Int32(MSG_NOSIGNAL))
            } else {
                var count: UInt32 = 0
                guard recv(descriptor, &count, 4, Int32(MSG_WAITALL)) == 4 else { break }
                counted += Int(count)
            }
        }
        let took = Double(EventLoop.monotonicNanoseconds() - began) / 1e9
        close(descriptor)
        return Double(counted) / took
    }

    /// A blocking connection to a loopback port.
    private static func connection(_ port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(connected == 0, "the server listens")
        setNoDelay(descriptor)
        return descriptor
    }

    private static func setNoDelay(_ descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }

    /// A listening socket on a loopback port of the system's choice.
    static func listener() -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, length)
                _ = listen(descriptor, 128)
                _ = getsockname(descriptor, $0, &length)
            }
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private static func watch(_ poll: Int32, _ descriptor: Int32) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.fd = descriptor
        epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event)
    }
}
