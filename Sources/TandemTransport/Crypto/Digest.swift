internal import COpenSSL
internal import Glibc

/// Hashes, by OpenSSL.
package enum Digest {
    /// 32 bytes.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, EVP_sha256(), 32) }

    /// The first half of it, as two numbers, the first byte being the highest; for what is hashed by the million.
    package static func sha256Half(_ bytes: UnsafeRawBufferPointer) -> (high: UInt64, low: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4) { words in
            let result = EVP_Digest(bytes.baseAddress, bytes.count, words.baseAddress, nil, sha256Fetched, nil)
            precondition(result == 1, "hashing fails only without memory")
            return (UInt64(bigEndian: words[0]), UInt64(bigEndian: words[1]))
        }
    }

    /// Found once: OpenSSL looks for it anew each time it is only named.
    // Safe: it is never changed, and lives as long as the process.
    private nonisolated(unsafe) static let sha256Fetched = EVP_MD_fetch(nil, "SHA256", nil)

    /// 32 bytes, of a file's content, read a part at a time; waits for the disk.
    package static func sha256(ofFile path: String) throws(TransportError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system(.resource, "open \(path)") }
        defer { close(file) }
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            throw TransportError(.resource, "no memory to hash \(path)")
        }
        defer { EVP_MD_CTX_free(context) }
        var part = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(file, &part, part.count)
            guard count >= 0 else { throw .system(.resource, "read \(path)") }
            if count == 0 { break }
            EVP_DigestUpdate(context, part, count)
        }
        return [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
            count = 32
        }
    }

    /// 20 bytes. For the WebSocket handshake, whose standard asks for it, and nothing else.
    static func sha1(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, EVP_sha1(), 20) }

    private static func digest(_ bytes: [UInt8], _ kind: OpaquePointer?, _ size: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let result = EVP_Digest(bytes, bytes.count, buffer.baseAddress, nil, kind, nil)
            precondition(result == 1, "hashing fails only without memory")
            count = size
        }
    }
}

/// Message authentication codes, by OpenSSL.
package enum MessageAuthentication {
    /// HMAC-SHA-256 (RFC 2104): 32 bytes.
    package static func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            let result = HMAC(
                EVP_sha256(), key, Int32(key.count), message, message.count, buffer.baseAddress, nil)
            precondition(result != nil, "hashing fails only without memory")
            count = 32
        }
    }
}

/// Unpredictable bytes and comparisons that tell nothing by their time.
package enum Secret {
    /// Bytes nobody can guess, for keys and tokens.
    package static func random(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let result = RAND_bytes(buffer.baseAddress, Int32(count))
            precondition(result == 1, "the system has randomness")
            filled = count
        }
    }

    /// Equal? Takes as long whichever byte differs; the lengths are no secret.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}

/// Base64 with padding (RFC 4648, 4), by OpenSSL.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let capacity = (bytes.count + 2) / 3 * 4 + 1
        let text = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = Int(EVP_EncodeBlock(buffer.baseAddress, bytes, Int32(bytes.count)))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// How many bytes the text stands for; nil when it is not Base64.
    static func decodedCount(_ text: [UInt8]) -> Int? {
        guard text.count % 4 == 0, !text.isEmpty else { return nil }
        let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
        let isPlain = text.dropLast(padding).allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
        return isPlain ? text.count / 4 * 3 - padding : nil
    }
}
