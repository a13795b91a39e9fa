internal import Glibc
internal import TandemTransport

/// The certificate and key that the listener shows; checked before anything else starts.
struct ServerCertificate {
    /// What is wrong with the files, for the log.
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    let context: TLSContext

    /// Nil where none is set: the listener speaks HTTP.
    ///
    /// - Throws: `Unusable` for files that cannot be read or do not fit together, and for a key that others may read.
    init?(_ options: Options) throws(Unusable) {
        guard let certificate = options.tlsCertificate, let key = options.tlsKey else { return nil }
        for (flag, path) in [("--tls-certificate", certificate), ("--tls-key", key)] {
            guard access(path, R_OK) == 0 else {
                throw Unusable(description: "\(flag): \(path) cannot be read: \(String(cString: strerror(errno)))")
            }
        }
        var status = stat()
        guard stat(key, &status) == 0, status.st_mode & 0o007 == 0 else {
            throw Unusable(
                description: "--tls-key: everybody on this machine can get at \(key); chmod 600 it, and use another key"
            )
        }
        do throws(TransportError) {
            context = try TLSContext(certificateFile: certificate, keyFile: key)
        } catch {
            throw Unusable(description: "--tls-certificate, --tls-key: \(error.message)")
        }
    }
}
