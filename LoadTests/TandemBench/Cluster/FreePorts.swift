internal import Glibc

/// Loopback ports that nobody listens on just now, for processes that are started at once.
enum FreePorts {
    struct None: Error {}

    static func find(_ count: Int) throws(None) -> [UInt16] {
        var ports: [UInt16] = []
        var held: [Int32] = []
        // Held together, so that none is found twice.
        defer { for listener in held { close(listener) } }
        for _ in 0..<count {
            let (listener, port) = RawSockets.listener()
            held.append(listener)
            ports.append(port)
        }
        guard ports.allSatisfy({ $0 > 0 }) else { throw None() }
        return ports
    }
}
