/// Mutual TLS 1.3 between the nodes of a cluster: one authority signs all nodes' certificates and nothing else.
///
/// A node's certificate carries the DNS name `node-3.tandem`. The dialler asks for the name of the node it means; both
/// sides hold the name in a HELLO against the certificate.
package final class PeerSecurity: Sendable {
    private static let applicationProtocol = "tandem-peer"

    let server: TLSContext
    let client: TLSContext

    /// - Parameters:
    ///   - authorityFile: a PEM file with the certificate of the cluster's own authority
    ///   - certificateFile: a PEM file with this node's certificate
    ///   - keyFile: a PEM file with its private key
    /// - Throws: when a file cannot be read, the key is another's, or the certificate is not for `node`
    package init(
        node: PeerID, authorityFile: String, certificateFile: String, keyFile: String
    ) throws(TransportError) {
        server = try TLSContext(
            certificateFile: certificateFile, keyFile: keyFile, clientTrust: .file(authorityFile),
            applicationProtocol: Self.applicationProtocol)
        client = try TLSContext(
            trust: .file(authorityFile), certificateFile: certificateFile, keyFile: keyFile,
            applicationProtocol: Self.applicationProtocol)
        guard server.isCertified(as: Self.name(of: node)) else {
            throw TransportError(.tls, "certificate \(certificateFile) is not for \(Self.name(of: node))")
        }
    }

    /// The DNS name in a node's certificate.
    package static func name(of node: PeerID) -> String { "node-\(node.number).tandem" }
}
