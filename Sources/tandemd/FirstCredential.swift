internal import Foundation
internal import TandemCore
internal import TandemGateway
internal import TandemRuntime

/// Makes credentials where there are none yet: an administrator's token, in a file that only its owner can read.
struct FirstCredential {
    private static let file = "administrator-token"
    private let node: Node

    init(_ node: Node) { self.node = node }

    /// The token is written once; who has read it makes others with it and may remove the file's text, not the file.
    func ensure(in directory: String) async throws {
        let path = directory + "/" + Self.file
        guard !FileManager.default.fileExists(atPath: path) else { return }
        let spec = CredentialSpec(tenant: nil, role: .administrator, label: "first administrator", secretDigest: [])
        try Self.write(Data((try await make(spec) + "\n").utf8), to: path)
        Main.say("a first administrator's token is in \(path)")
    }

    /// A new token for `spec`, whose digest is filled in.
    func make(_ spec: CredentialSpec) async throws -> String {
        let secret = Token.makeSecret()
        var spec = spec
        spec.secretDigest = Token.digest(secret)
        let credential = CredentialID(raw: try await node.perform(.credential(nil, .create(spec))).actor.raw)
        return Token(credential: credential, secret: secret).text
    }

    /// Whole or not at all, readable by its owner only from the first byte on.
    static func write(_ data: Data, to path: String) throws {
        let fresh = path + ".new"
        try? FileManager.default.removeItem(atPath: fresh)
        guard
            FileManager.default.createFile(
                atPath: fresh, contents: data, attributes: [.posixPermissions: 0o600])
        else { throw Unwritable(path: path) }
        guard rename(fresh, path) == 0 else { throw Unwritable(path: path) }
    }

    struct Unwritable: Error, CustomStringConvertible {
        let path: String
        var description: String { "cannot write \(path); check the directory's rights and space" }
    }
}
