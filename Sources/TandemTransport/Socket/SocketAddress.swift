internal import Glibc

/// An IPv4 or IPv6 address with its port.
package struct SocketAddress: Sendable, CustomStringConvertible {
    private var storage: sockaddr_storage
    private let length: socklen_t

    /// Finds the first address of `host`, a number or a name. A name may wait for the resolver: never call that on a loop.
    package init(host: String, port: UInt16) throws(TransportError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &found)
        guard result == 0, let first = found?.pointee else {
            throw TransportError(.address, "\(host): \(String(cString: gai_strerror(result)))")
        }
        defer { freeaddrinfo(found) }
        storage = sockaddr_storage()
        length = first.ai_addrlen
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: first.ai_addr, count: Int(first.ai_addrlen)))
        }
    }

    /// Of `127.0.0.1:80` or `[::1]:80`; nil for anything else, names among it: nobody is asked, so it may be called on a loop.
    package init?(numbers text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(String(host), String(port), &hints, &found) == 0, let first = found?.pointee else {
            return nil
        }
        defer { freeaddrinfo(found) }
        storage = sockaddr_storage()
        length = first.ai_addrlen
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: first.ai_addr, count: Int(first.ai_addrlen)))
        }
    }

    init(_ storage: sockaddr_storage, length: socklen_t) {
        self.storage = storage
        self.length = length
    }

    /// Where a socket is bound.
    init(boundTo descriptor: Int32) throws(TransportError) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { throw .system(.address, "getsockname") }
        self.init(storage, length: length)
    }

    var family: Int32 { Int32(storage.ss_family) }

    package var port: UInt16 {
        // Both families keep the port in the same two bytes.
        withUnsafeBytes(of: storage) { UInt16($0[2]) << 8 | UInt16($0[3]) }
    }

    /// Only this machine reaches it.
    package var isLoopback: Bool {
        withUnsafeBytes(of: storage) { bytes in
            switch family {
            case AF_INET: bytes[4] == 127
            case AF_INET6: bytes[8..<23].allSatisfy { $0 == 0 } && bytes[23] == 1
            default: false
            }
        }
    }

    func withSockaddr<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// `127.0.0.1:80` or `[::1]:80`.
    package var description: String {
        var text = [CChar](repeating: 0, count: 64)
        let result = withSockaddr { getnameinfo($0, $1, &text, 64, nil, 0, NI_NUMERICHOST) }
        guard result == 0 else { return "?" }
        let host = text.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
        return family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension Connection {
    /// A connection that is being made; `start` it at once.
    package static func connecting(
        to address: SocketAddress, loop: EventLoop, tls: TLSSession?, limits: Limits, metrics: TransportMetrics
    ) throws(TransportError) -> Connection {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw .system(.resource, "socket") }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        let result = address.withSockaddr { connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            let error = TransportError.system(.address, "connect \(address)")
            Glibc.close(descriptor)
            throw error
        }
        return Connection(
            descriptor, loop: loop, peer: address.description, connecting: true, tls: tls, limits: limits,
            metrics: metrics)
    }
}
