package import TandemCore
internal import TandemTransport

/// A bearer token: `tdm_`, the credential's identifier, `_`, and 64 hexadecimal digits of a secret.
///
/// Only the SHA-256 of the secret's 32 bytes is journaled: who reads the journal cannot make a token of it.
package struct Token: Sendable {
    package static let prefix = "tdm_"
    static let secretLength = 32

    package let credential: CredentialID
    package let secret: [UInt8]

    package init(credential: CredentialID, secret: [UInt8]) {
        self.credential = credential
        self.secret = secret
    }

    /// Nil for whatever is not written like a token.
    package init?(_ text: String) {
        let parts = text.utf8.dropFirst(Self.prefix.utf8.count)
        guard text.hasPrefix(Self.prefix), parts.count == 17 + 1 + 2 * Self.secretLength else { return nil }
        let bytes = Array(parts)
        guard bytes[17] == UInt8(ascii: "_"),
            let credential = bytes[0..<17].withUnsafeBufferPointer({ CredentialID(ascii: $0) })
        else { return nil }
        var secret: [UInt8] = []
        for place in stride(from: 18, to: bytes.count, by: 2) {
            guard let high = Self.digit(bytes[place]), let low = Self.digit(bytes[place + 1]) else { return nil }
            secret.append(high << 4 | low)
        }
        self.init(credential: credential, secret: secret)
    }

    /// A secret nobody can guess.
    package static func makeSecret() -> [UInt8] { Secret.random(secretLength) }

    /// What is journaled of a secret.
    package static func digest(_ secret: [UInt8]) -> [UInt8] { Digest.sha256(secret) }

    package var text: String {
        let digits = secret.flatMap { [Self.letter($0 >> 4), Self.letter($0 & 15)] }
        return Self.prefix + credential.description + "_" + String(decoding: digits, as: UTF8.self)
    }

    /// Takes as long whichever byte differs.
    func matches(_ digest: [UInt8]) -> Bool { Secret.equal(Self.digest(secret), digest) }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    private static func letter(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
