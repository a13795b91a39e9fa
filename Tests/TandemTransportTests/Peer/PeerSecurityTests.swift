import Foundation
import TestPrograms
import Testing

@testable import TandemTransport

@Suite(
    "Nodes that speak TLS", .enabled(if: SelfSignedCertificate.tool != nil, "the openssl command makes certificates"))
struct PeerSecurityTests {
    /// The text of the first failure of TLS that was told.
    private func waitUntrusted(_ node: TestPeer) throws -> String {
        try node.waitEvent {
            switch $0 {
            case .notReached(_, _, .untrusted(let text)), .turnedAway(_, _, .untrusted(let text)): text
            case .found, .lost, .notReached, .turnedAway, .listenerFailed: nil
            }
        }
    }

    private func expectNobodyFound(_ nodes: TestPeer...) {
        for node in nodes {
            #expect(!node.happenings.all.contains { if case .found = $0 { true } else { false } })
            node.close()
        }
    }

    @Test(
        "Nodes with the certificates that the script makes speak to each other, whoever dials, in frames of every size")
    func speaks() throws {
        let certificates = try ClusterCertificates(nodes: 2)
        for lowerDials in [true, false] {
            let one = try TestPeer(1, security: certificates.security(of: 1))
            let two = try TestPeer(2, security: certificates.security(of: 2))
            if lowerDials { one.dial(two) } else { two.dial(one) }
            try one.waitFound(two)
            try two.waitFound(one)
            let sizes = [0, 1, 16_384, 70_000, 3_000_000]
            for size in sizes {
                one.send([UInt8](repeating: 1, count: size), channel: 1, to: two)
                two.send([UInt8](repeating: 2, count: size), channel: 2, to: one)
            }
            let here = try one.waitFrames(sizes.count)
            let there = try two.waitFrames(sizes.count)
            for (place, size) in sizes.enumerated() {
                let (ones, twos) = ([UInt8](repeating: 1, count: size), [UInt8](repeating: 2, count: size))
                #expect(there[place] == .frame(one.id, kind: 16, channel: 1, ones))
                #expect(here[place] == .frame(two.id, kind: 16, channel: 2, twos))
            }
            let secured = try one.waitEvent { if case .found(_, _, _, let secured) = $0 { secured } else { nil } }
            #expect(secured)
            one.close()
            two.close()
        }
    }

    @Test("Nodes that dial each other at once over TLS come to one connection")
    func atOnce() throws {
        let certificates = try ClusterCertificates(nodes: 2)
        for _ in 0..<10 {
            let one = try TestPeer(1, security: certificates.security(of: 1))
            let two = try TestPeer(2, security: certificates.security(of: 2))
            let there = two.address
            one.loop.run { [network = one.network] in network.setPeers([PeerID(2): there]) }
            two.dial(one)
            try one.waitFound(two)
            try two.waitFound(one)
            one.send([1], to: two)
            _ = try two.waitFrames(1)
            #expect(one.connections(to: two) == 1)
            one.close()
            two.close()
        }
    }

    @Test("A node whose certificate is of another authority is refused by both, dialling and dialled")
    func otherAuthority() throws {
        let certificates = try ClusterCertificates(nodes: 2)
        let others = try ClusterCertificates(nodes: 2)
        // The stranger trusts everybody that the cluster trusts, so it is the cluster that refuses.
        let stranger = try TestPeer(1, security: others.security(of: 1, trusting: certificates))
        let two = try TestPeer(2, security: certificates.security(of: 2))
        stranger.dial(two)
        #expect(try waitUntrusted(two).contains("certificate"))
        #expect(try waitUntrusted(stranger).contains("alert"))
        expectNobodyFound(stranger, two)

        let one = try TestPeer(1, security: certificates.security(of: 1))
        let dialled = try TestPeer(2, security: others.security(of: 2, trusting: certificates))
        one.dial(dialled)
        #expect(try waitUntrusted(one).contains("certificate"))
        #expect(try waitUntrusted(dialled).contains("alert"))
        expectNobodyFound(one, dialled)
    }

    @Test("A node with another node's certificate is refused as the dialled one by name, as the dialler by its HELLO")
    func otherNode() throws {
        let certificates = try ClusterCertificates(nodes: 3)
        let one = try TestPeer(1, security: certificates.security(of: 1))
        let liar = try TestPeer(2, security: certificates.security(of: 3))
        one.dial(liar)
        #expect(try waitUntrusted(one).contains("ostname mismatch"))
        expectNobodyFound(one, liar)

        let two = try TestPeer(1, security: certificates.security(of: 1))
        let dialler = try TestPeer(2, security: certificates.security(of: 3))
        dialler.dial(two)
        #expect(try two.waitTurnedAway() == .certificate)
        #expect(try dialler.waitRefused() == .certificate)
        expectNobodyFound(two, dialler)
    }

    @Test(
        "A node without a certificate, or without TLS, is refused; a cluster without TLS does not speak to one with it")
    func noCertificate() throws {
        let certificates = try ClusterCertificates(nodes: 2)
        let two = try TestPeer(2, security: certificates.security(of: 2))
        let plain = try TestPeer(1)
        plain.dial(two)
        _ = try waitUntrusted(two)
        expectNobodyFound(plain, two)

        let clear = try TestPeer(1)
        let secured = try TestPeer(2, security: certificates.security(of: 2))
        secured.dial([(PeerID(1), clear.address)])
        #expect(try clear.waitTurnedAway() == .malformed)
        expectNobodyFound(clear, secured)

        let asking = try TestPeer(2, security: certificates.security(of: 2))
        let anonymous = try TLSContext(
            trust: .file(certificates.file("authority.pem")), applicationProtocol: "tandem-peer")
        let address = asking.address
        asking.loop.run { [loop = asking.loop] in
            let client = try? HTTPClientConnection(
                loop: loop, address: address, tls: anonymous, serverName: "node-2.tandem")
            client?.send(HTTPClientRequest("GET", "/")) { _ in }
        }
        #expect(try waitUntrusted(asking).contains("did not return a certificate"))
        expectNobodyFound(asking)
    }

    @Test("A node does not start with a certificate that is not its own, or with files that are not there")
    func ownCertificate() throws {
        let certificates = try ClusterCertificates(nodes: 2)
        func security(_ node: UInt32, _ certificate: String, _ key: String) throws {
            _ = try PeerSecurity(
                node: PeerID(node), authorityFile: certificates.file("authority.pem"),
                certificateFile: certificates.file(certificate), keyFile: certificates.file(key))
        }
        try security(1, "node-1.pem", "node-1.key")
        for (certificate, key) in [
            ("node-2.pem", "node-2.key"), ("node-1.pem", "node-2.key"), ("node-9.pem", "node-1.key"),
            ("authority.pem", "authority.key"),
        ] {
            #expect(throws: TransportError.self) { try security(1, certificate, key) }
        }
    }

    // MARK: The script

    @Test("The script keeps keys to their owner, adds nodes to an authority, and writes over nothing without --force")
    func script() throws {
        let certificates = try ClusterCertificates(nodes: 1)
        let directory = certificates.directory.path
        func contents() throws -> [String: Data] {
            let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            return try Dictionary(
                uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(filePath: certificates.file($0)))) })
        }
        let first = try contents()
        #expect(Set(first.keys) == ["authority.pem", "authority.key", "node-1.pem", "node-1.key"])
        for key in ["authority.key", "node-1.key"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: certificates.file(key))
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
        let refused = try ClusterCertificates.run(["--directory", directory, "--nodes", "2"])
        #expect(refused.status == 1 && refused.errors.contains("--force"))
        #expect(try contents() == first, "one that is there keeps the others from being made")
        #expect(try ClusterCertificates.run(["--directory", directory, "--node", "2"]).status == 0)
        #expect(try contents().count == 6)
        _ = try certificates.security(of: 2)
        #expect(try ClusterCertificates.run(["--directory", directory, "--node", "1", "--force"]).status == 0)
        let last = try contents()
        #expect(last["node-1.key"] != first["node-1.key"] && last["authority.key"] == first["authority.key"])
        try FileManager.default.removeItem(atPath: certificates.file("authority.key"))
        #expect(try ClusterCertificates.run(["--directory", directory, "--node", "3"]).status == 1)
        #expect(try contents().count == 5)
    }

    @Test(
        "The script says how it is used when it is used otherwise",
        arguments: [
            [], ["--nodes", "3"], ["--directory", "x"], ["--directory", "x", "--nodes", "0"],
            ["--directory", "x", "--node", "one"], ["--directory", "x", "--nodes", "1", "--days", "0"], ["--what"],
        ])
    func usage(arguments: [String]) throws {
        let run = try ClusterCertificates.run(arguments)
        #expect(run.status == 2 && run.errors.contains("Usage: Cluster/certificates") && run.output.isEmpty)
        let help = try ClusterCertificates.run(["--help"])
        #expect(help.status == 0 && help.output.hasPrefix("Usage: Cluster/certificates"))
    }
}
