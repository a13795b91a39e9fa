internal import COpenSSL
internal import Glibc

/// TLS 1.3 over two memory buffers: what came is fed in, what is to be sent is taken out. Does no I/O of its own.
package final class TLSSession {
    enum Decrypted: Equatable { case bytes(Int), needMore, finished, failed(TransportError) }

    let isServer: Bool
    private(set) var isEstablished = false
    private let session: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    private var finishing = false
    // Keeps the settings alive as long as the session.
    private let context: TLSContext

    /// `serverName` is what a client asks for and checks the certificate against; nil on a server.
    init(_ context: TLSContext, serverName: String?) throws(TransportError) {
        guard let session = SSL_new(context.pointer), let incoming = BIO_new(BIO_s_mem()),
            let outgoing = BIO_new(BIO_s_mem())
        else { throw TransportError(.tls, "no memory for a session") }
        self.context = context
        self.session = session
        self.incoming = incoming
        self.outgoing = outgoing
        isServer = serverName == nil
        SSL_set_bio(session, incoming, outgoing)
        if let serverName {
            SSL_set_connect_state(session)
            try name(serverName)
        } else {
            SSL_set_accept_state(session)
        }
    }

    deinit { SSL_free(session) }

    private func name(_ serverName: String) throws(TransportError) {
        var number = in6_addr()
        let isNumber = inet_pton(AF_INET, serverName, &number) == 1 || inet_pton(AF_INET6, serverName, &number) == 1
        let done: Int32
        if isNumber {
            done = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), serverName)
        } else {
            var bytes = Array(serverName.utf8CString)
            let kind = Int(TLSEXT_NAMETYPE_host_name)
            SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, kind, &bytes)
            done = SSL_set1_host(session, serverName)
        }
        guard done == 1 else { throw TransportError(.tls, "\(serverName) cannot be a certificate's name") }
    }

    /// Hands in what came from the peer.
    func feed(_ bytes: UnsafeRawBufferPointer) {
        let taken = BIO_write(incoming, bytes.baseAddress, Int32(bytes.count))
        precondition(Int(taken) == bytes.count, "a memory buffer takes everything")
    }

    /// Goes on with the handshake as far as it gets; throws when it is refused (an alert then waits among the records).
    func handshake() throws(TransportError) {
        ERR_clear_error()
        let result = SSL_do_handshake(session)
        if result == 1 {
            isEstablished = true
            return
        }
        let error = SSL_get_error(session, result)
        guard error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE else {
            let verdict = SSL_get_verify_result(session)
            guard verdict != Int(X509_V_OK), let reason = X509_verify_cert_error_string(verdict) else {
                throw TLSContext.error("handshake")
            }
            throw TLSContext.error("handshake, \(String(cString: reason))")
        }
    }

    /// Decrypts into `buffer` what it has of what came.
    func decrypt(into buffer: UnsafeMutableRawBufferPointer) -> Decrypted {
        ERR_clear_error()
        let count = SSL_read(session, buffer.baseAddress, Int32(buffer.count))
        if count > 0 { return .bytes(Int(count)) }
        switch SSL_get_error(session, count) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needMore
        case SSL_ERROR_ZERO_RETURN: return .finished
        default: return .failed(TLSContext.error("record"))
        }
    }

    /// Whether the peer has shown a certificate that is good for `name`, written out as a DNS name.
    func peerIsCertified(as name: String) -> Bool {
        guard isEstablished, let certificate = SSL_get0_peer_certificate(session) else { return false }
        return TLSContext.certificate(certificate, isFor: name)
    }

    /// Encrypts all of `bytes`; false when the session is broken.
    func encrypt(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        ERR_clear_error()
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = SSL_write(session, part.baseAddress, Int32(min(part.count, 1 << 30)))
            guard count > 0 else { return false }
            rest = rest.dropFirst(Int(count))
        }
        return true
    }

    /// Says that nothing more will be sent (once).
    func finish() {
        guard !finishing, isEstablished else { return }
        finishing = true
        SSL_shutdown(session)
    }

    var hasRecords: Bool { BIO_ctrl(outgoing, BIO_CTRL_PENDING, 0, nil) > 0 }

    /// Appends what is to be sent.
    func takeRecords(_ records: inout ByteQueue) {
        while true {
            let pending = Int(BIO_ctrl(outgoing, BIO_CTRL_PENDING, 0, nil))
            guard pending > 0 else { return }
            let count = BIO_read(outgoing, records.room(pending), Int32(pending))
            guard count > 0 else { return }
            records.advance(Int(count))
        }
    }
}
