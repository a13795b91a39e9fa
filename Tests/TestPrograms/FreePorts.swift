internal import Glibc

/// Ports of this machine on which nobody listens, for programs that have to know one another's before they start.
package enum FreePorts {
    package struct NoneFound: Error {}

    /// Below those that the system gives to outgoing connections: nobody takes one by chance.
    private static let range: ClosedRange<UInt16> = 10_000...32_000

    package static func find(_ count: Int) throws(NoneFound) -> [UInt16] {
        var ports: [UInt16] = []
        // All are held until enough are found, so that none is found twice.
        var held: [Int32] = []
        defer { for listener in held { close(listener) } }
        for _ in 0..<1_000 where ports.count < count {
            let port = UInt16.random(in: range)
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard listener >= 0 else { continue }
            held.append(listener)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let isBound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isBound, listen(listener, 1) == 0 { ports.append(port) }
        }
        guard ports.count == count else { throw NoneFound() }
        return ports
    }
}
