internal import COpenSSL

/// The TLS settings of a server or client: certificate, key, and whom to trust. TLS 1.3 only.
// Safe: set up in the initialiser; sessions only read it, and OpenSSL counts its references atomically.
package final class TLSContext: @unchecked Sendable {
    /// Whom a client trusts.
    package enum Trust: Sendable {
        /// The system's certificate authorities.
        case system
        /// The authorities (or the self-signed certificate) in a PEM file.
        case file(String)
        /// Anyone. Only for a server one has reached over a path one trusts.
        case anyone
    }

    let pointer: OpaquePointer
    let isServer: Bool
    /// What the session is for (ALPN, RFC 7301): whoever offers something else is refused.
    private let applicationProtocol: String

    /// A server's settings.
    /// - Parameters:
    ///   - certificateFile: a PEM file with the certificate chain, the server's first
    ///   - keyFile: a PEM file with its private key
    ///   - clientTrust: when given, clients must show a certificate that it vouches for
    package init(
        certificateFile: String, keyFile: String, clientTrust: Trust? = nil, applicationProtocol: String = "http/1.1"
    ) throws(TransportError) {
        pointer = try Self.make(TLS_server_method())
        isServer = true
        self.applicationProtocol = applicationProtocol
        try use(certificateFile: certificateFile, keyFile: keyFile)
        if let clientTrust { try trust(clientTrust, mode: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT) }
        SSL_CTX_set_alpn_select_cb(
            pointer,
            { _, chosen, chosenLength, offered, offeredLength, context in
                guard let context else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                return Unmanaged<TLSContext>.fromOpaque(context).takeUnretainedValue()
                    .selectProtocol(chosen, chosenLength, offered, offeredLength)
            },
            // Every session holds its context, so it outlives the calls.
            Unmanaged.passUnretained(self).toOpaque())
    }

    /// A client's settings, with a certificate of its own where the server asks for one.
    package init(
        trust: Trust, certificateFile: String? = nil, keyFile: String? = nil, applicationProtocol: String = "http/1.1"
    ) throws(TransportError) {
        pointer = try Self.make(TLS_client_method())
        isServer = false
        self.applicationProtocol = applicationProtocol
        try self.trust(trust, mode: SSL_VERIFY_PEER)
        if let certificateFile, let keyFile { try use(certificateFile: certificateFile, keyFile: keyFile) }
        // ALPN's list form: each name after its length.
        let protocols = [UInt8(applicationProtocol.utf8.count)] + Array(applicationProtocol.utf8)
        let result = SSL_CTX_set_alpn_protos(pointer, protocols, UInt32(protocols.count))
        precondition(result == 0, "a list of one short name is well formed")
    }

    deinit { SSL_CTX_free(pointer) }

    private static func make(_ method: OpaquePointer?) throws(TransportError) -> OpaquePointer {
        guard let pointer = SSL_CTX_new(method) else { throw error("SSL_CTX_new") }
        SSL_CTX_ctrl(pointer, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_3_VERSION), nil)
        let mode = SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        SSL_CTX_ctrl(pointer, SSL_CTRL_MODE, Int(mode), nil)
        return pointer
    }

    private func use(certificateFile: String, keyFile: String) throws(TransportError) {
        guard SSL_CTX_use_certificate_chain_file(pointer, certificateFile) == 1 else {
            throw Self.error("certificate \(certificateFile)")
        }
        guard SSL_CTX_use_PrivateKey_file(pointer, keyFile, SSL_FILETYPE_PEM) == 1 else {
            throw Self.error("key \(keyFile)")
        }
        guard SSL_CTX_check_private_key(pointer) == 1 else { throw Self.error("key and certificate differ") }
    }

    private func trust(_ trust: Trust, mode: Int32) throws(TransportError) {
        switch trust {
        case .system:
            guard SSL_CTX_set_default_verify_paths(pointer) == 1 else { throw Self.error("system authorities") }
        case .file(let path):
            guard SSL_CTX_load_verify_locations(pointer, path, nil) == 1 else {
                throw Self.error("authorities \(path)")
            }
        case .anyone:
            SSL_CTX_set_verify(pointer, SSL_VERIFY_NONE, nil)
            return
        }
        SSL_CTX_set_verify(pointer, mode, nil)
    }

    /// Chooses its protocol where it is offered; a client that offers only others is refused (RFC 7301, 3.2).
    private func selectProtocol(
        _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ chosenLength: UnsafeMutablePointer<UInt8>?,
        _ offered: UnsafePointer<UInt8>?, _ offeredLength: UInt32
    ) -> Int32 {
        guard let offered, let chosen, let chosenLength else { return SSL_TLSEXT_ERR_NOACK }
        let list = UnsafeBufferPointer(start: offered, count: Int(offeredLength))
        var index = 0
        while index < list.count {
            let length = Int(list[index])
            let end = index + 1 + length
            guard end <= list.count else { break }
            if list[(index + 1)..<end].elementsEqual(applicationProtocol.utf8) {
                chosen.pointee = offered + index + 1
                chosenLength.pointee = UInt8(length)
                return SSL_TLSEXT_ERR_OK
            }
            index = end
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }

    /// Whether this side's own certificate is good for `name`, written out as a DNS name.
    func isCertified(as name: String) -> Bool {
        guard let certificate = SSL_CTX_get0_certificate(pointer) else { return false }
        return Self.certificate(certificate, isFor: name)
    }

    /// Whether a certificate has exactly `name` among its DNS names: no wildcard, and not as its subject.
    static func certificate(_ certificate: OpaquePointer, isFor name: String) -> Bool {
        let flags = UInt32(X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
        return X509_check_host(certificate, name, name.utf8.count, flags, nil) == 1
    }

    /// The oldest error in OpenSSL's queue of this thread, which is then empty.
    static func error(_ what: String) -> TransportError {
        var text = [CChar](repeating: 0, count: 256)
        let code = ERR_get_error()
        ERR_error_string_n(code, &text, text.count)
        ERR_clear_error()
        let reason = text.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
        return TransportError(.tls, "\(what): \(code == 0 ? "refused" : reason)")
    }
}
