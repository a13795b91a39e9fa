import Foundation
import TestPrograms
import Testing

@testable import TandemTransport

@Suite("TLS", .enabled(if: SelfSignedCertificate.tool != nil, "the openssl command makes the certificate"))
struct TLSTests {
    @Test("Requests and WebSocket messages of every size pass through TLS 1.3, checked against the name")
    func passes() throws {
        let certificate = try SelfSignedCertificate()
        let trusting = try TLSContext(trust: .file(certificate.certificateFile))
        try withServer(tls: certificate.serverContext()) { request, responder in
            if request.asksForUpgrade {
                responder.upgradeToWebSocket(request) { socket in
                    socket.onBinary = { [unowned socket] in socket.send(binary: $0) }
                }
            } else {
                responder.respond(status: 200, body: request.body)
            }
        } body: { server, loops in
            let client = try HTTPClient(host: "localhost", port: server.address.port, tls: trusting)
            for size in [0, 1, 16_384, 16_385, 700_000] {
                let body = [UInt8](repeating: UInt8(size % 251), count: size)
                #expect(try client.send(HTTPClientRequest("POST", "/", body: body)).body == body)
            }
            let loop = loops.loops[0]
            let address = server.address
            let done = Gate()
            loop.run {
                WebSocket.connect(on: loop, to: address, tls: trusting) { result in
                    guard case .success(let socket) = result else {
                        Issue.record("\(result)")
                        return done.open()
                    }
                    socket.onBinary = { bytes in
                        #expect(bytes.count == 200_000)
                        socket.close()
                    }
                    socket.onClose = { close in
                        #expect(close.code == 1000)
                        done.open()
                    }
                    socket.send(binary: [UInt8](repeating: 9, count: 200_000))
                }
            }
            done.wait()
        }
    }

    @Test("A server that is not trusted, or not the one that was named, is refused; so is a client without TLS")
    func refuses() throws {
        let certificate = try SelfSignedCertificate()
        let other = try SelfSignedCertificate()
        try withServer(tls: certificate.serverContext()) { _, responder in
            responder.respond(status: 204)
        } body: { server, _ in
            let port = server.address.port
            let request = HTTPClientRequest("GET", "/")
            let untrusting = try HTTPClient(
                host: "localhost", port: port, tls: TLSContext(trust: .file(other.certificateFile)))
            #expect(throws: TransportError.self) { _ = try untrusting.send(request) }
            let misnamed = try HTTPClient(
                host: "127.0.0.2", port: port, tls: TLSContext(trust: .file(certificate.certificateFile)))
            #expect(throws: TransportError.self) { _ = try misnamed.send(request) }
            let plain = try HTTPClient(host: "localhost", port: port)
            #expect(throws: TransportError.self) { _ = try plain.send(request) }
            let careless = try HTTPClient(host: "localhost", port: port, tls: TLSContext(trust: .anyone))
            #expect(try careless.send(request).status == 204)
        }
    }

    @Test("A server that asks for clients' certificates turns away those without one it trusts")
    func mutual() throws {
        let certificate = try SelfSignedCertificate()
        let trust = TLSContext.Trust.file(certificate.certificateFile)
        try withServer(tls: certificate.serverContext(clientTrust: trust)) { _, responder in
            responder.respond(status: 204)
        } body: { server, _ in
            let port = server.address.port
            let known = try TLSContext(
                trust: trust, certificateFile: certificate.certificateFile, keyFile: certificate.keyFile)
            let client = try HTTPClient(host: "localhost", port: port, tls: known)
            #expect(try client.send(HTTPClientRequest("GET", "/")).status == 204)
            let unknown = try HTTPClient(host: "localhost", port: port, tls: TLSContext(trust: trust))
            #expect(throws: TransportError.self) { _ = try unknown.send(HTTPClientRequest("GET", "/")) }
        }
    }

    @Test("A client that does not finish its handshake is dropped after its time")
    func stalledHandshake() throws {
        let certificate = try SelfSignedCertificate()
        var limits = Limits()
        limits.connectMilliseconds = 20
        try withServer(limits: limits, tls: certificate.serverContext()) { _, _ in
        } body: { server, _ in
            let client = try RawClient(port: server.address.port)
            try client.send([0x16, 0x03, 0x01])
            #expect(try client.receive() == nil)
            #expect(server.metrics.figures.connectionsClosed[.tlsFailed] == 1)
        }
    }

    @Test("Missing files are an error with a code")
    func missing() {
        #expect(throws: TransportError.self) {
            _ = try TLSContext(certificateFile: "/nonexistent", keyFile: "/nonexistent")
        }
        #expect(throws: TransportError.self) { _ = try TLSContext(trust: .file("/nonexistent")) }
    }
}

extension SelfSignedCertificate {
    fileprivate func serverContext(clientTrust: TLSContext.Trust? = nil) throws -> TLSContext {
        try TLSContext(certificateFile: certificateFile, keyFile: keyFile, clientTrust: clientTrust)
    }
}
