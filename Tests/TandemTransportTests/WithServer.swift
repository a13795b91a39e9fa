import TandemTransport

/// Serves on loopback for the length of `body`.
func withServer(
    limits: Limits = Limits(), loops count: Int = 1, standstill: UInt64 = Limits.standstillNanoseconds,
    tls: TLSContext? = nil,
    handler: @escaping HTTPServer.Handler, body: (HTTPServer, EventLoopGroup) throws -> Void
) throws {
    let loops = try EventLoopGroup(count: count, standstill: standstill)
    loops.start()
    defer { loops.stop() }
    let server = try HTTPServer(
        loops: loops, address: SocketAddress(host: "127.0.0.1", port: 0), limits: limits, tls: tls, handler: handler)
    server.start()
    defer { server.stop() }
    try body(server, loops)
}
