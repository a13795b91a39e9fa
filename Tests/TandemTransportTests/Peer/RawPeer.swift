import Glibc

@testable import TandemTransport

/// A port of loopback at which the test answers by itself.
final class RawPort {
    let address: SocketAddress
    private let descriptor: Int32

    init() throws {
        let any = try SocketAddress(host: "127.0.0.1", port: 0)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let bound = any.withSockaddr { [descriptor] in bind(descriptor, $0, $1) }
        guard bound == 0, listen(descriptor, 8) == 0 else { throw RawClient.Failure() }
        address = try SocketAddress(boundTo: descriptor)
    }

    deinit { close(descriptor) }

    /// The next node that dials, its HELLO read.
    func accept() throws -> RawPeer {
        let peer = RawPeer(try RawClient(acceptedBy: descriptor))
        guard try peer.receiveFirst().kind == PeerLinkKind.hello.rawValue else { throw RawClient.Failure() }
        return peer
    }
}

/// A socket that speaks the peer protocol word by word, as the test tells it.
struct RawPeer {
    let client: RawClient

    init(_ node: TestPeer, receiveBuffer: Int32? = nil) throws {
        client = try RawClient(port: node.address.port, receiveBuffer: receiveBuffer)
    }

    /// A peer that was dialled; see `RawPort`.
    init(_ client: RawClient) { self.client = client }

    static func frame(_ kind: UInt8, _ payload: [UInt8] = [], channel: UInt16 = 0) -> [UInt8] {
        var output = ByteQueue()
        payload.withUnsafeBytes { PeerFrame.write(to: &output, kind: kind, channel: channel, payload: $0) }
        return Array(output.bytes)
    }

    /// The preface and a HELLO to `node`.
    static func hello(
        _ number: UInt32, to node: TestPeer, life: PeerLife = PeerLife(incarnation: 1)
    ) -> [UInt8] {
        let identity = PeerIdentity(cluster: TestPeer.cluster, node: PeerID(number), life: life, formats: 1...1)
        let hello = PeerHello(identity, to: node.id, frameBytesMax: 1 << 24)
        return PeerFrame.preface + frame(PeerLinkKind.hello.rawValue, hello.bytes)
    }

    static let ready = frame(PeerLinkKind.ready.rawValue)
    static let ping = frame(PeerLinkKind.ping.rawValue)

    func send(_ bytes: [UInt8]) throws { try client.send(bytes) }

    /// The next frame's kind and payload.
    func receive() throws -> (kind: UInt8, payload: [UInt8]) {
        let header = try client.receive(exactly: PeerFrame.headerBytes)
        let length = header[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        return (header[4], try client.receive(exactly: length))
    }

    /// The preface, which has to be there, and the first frame.
    func receiveFirst() throws -> (kind: UInt8, payload: [UInt8]) {
        guard try client.receive(exactly: PeerFrame.preface.count) == PeerFrame.preface else {
            throw RawClient.Failure()
        }
        return try receive()
    }

    /// The refusal that comes first, and then the end of the connection.
    func receiveRefusal() throws -> PeerRefusal { try refusal(try receiveFirst()) }

    func refusal(_ frame: (kind: UInt8, payload: [UInt8])) throws -> PeerRefusal {
        guard frame.kind == PeerLinkKind.refused.rawValue, try client.receive() == nil else {
            throw RawClient.Failure()
        }
        return try frame.payload.withUnsafeBytes { try PeerRefusal($0) }
    }

    /// Becomes a connected peer with `number`.
    func connect(as number: UInt32, to node: TestPeer, life: PeerLife = PeerLife(incarnation: 1)) throws {
        try send(Self.hello(number, to: node, life: life))
        guard try receiveFirst().kind == PeerLinkKind.hello.rawValue else { throw RawClient.Failure() }
        try send(Self.ready)
    }
}
