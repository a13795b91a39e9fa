internal import Glibc
internal import TandemGateway
internal import TandemTransport

/// The certificate and key that the listener shows; checked before anything else starts.
struct ServerCertificate {
    /// What is wrong with the files, for the log.
    typealias Unusable = PrivateFile.Unusable

    let context: TLSContext

    /// Nil where none is set: the listener speaks HTTP.
    ///
    /// - Throws: `Unusable` for files that cannot be read or do not fit together, and for a key that others may read.
    init?(_ options: Options) throws(Unusable) {
        guard let certificate = options.tlsCertificate, let key = options.tlsKey else { return nil }
        guard access(certificate, R_OK) == 0 else {
            let why = String(cString: strerror(errno))
            throw Unusable(description: "--tls-certificate: \(certificate) cannot be read: \(why)")
        }
        try PrivateFile.check(key, option: "--tls-key")
        do throws(TransportError) {
            context = try TLSContext(certificateFile: certificate, keyFile: key)
        } catch {
            throw Unusable(description: "--tls-certificate, --tls-key: \(error.message)")
        }
    }
}
