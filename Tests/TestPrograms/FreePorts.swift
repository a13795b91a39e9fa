internal import TandemTransport

/// Ports of this machine on which nobody listens, for nodes that have to know one another's before they start.
package enum FreePorts {
    struct NoneFound: Error {}

    /// Below those that the system gives to outgoing connections: nobody takes one by chance.
    private static let range: ClosedRange<UInt16> = 10_000...32_000

    package static func find(_ count: Int) throws -> [UInt16] {
        let loops = try EventLoopGroup(count: 1)
        loops.start()
        defer { loops.stop() }
        // All are held until enough are found, so that none is found twice.
        var held: [HTTPServer] = []
        defer { for server in held { server.stop() } }
        for _ in 0..<1_000 where held.count < count {
            let address = try SocketAddress(host: "127.0.0.1", port: UInt16.random(in: range))
            guard let server = try? HTTPServer(loops: loops, address: address, handler: { _, _ in }) else { continue }
            held.append(server)
        }
        guard held.count == count else { throw NoneFound() }
        return held.map(\.address.port)
    }
}
