internal import Foundation
internal import Glibc
internal import TandemAPI
internal import TandemCore

/// The secrets that webhooks are signed with: a file of this node's own, read anew when it has changed.
///
/// JSON: by tenant, then by the name that the webhook's settings give; each is `whsec_` and the key in Base64, of 24 to 64
/// bytes, as Standard Webhooks has them. A tenant's webhooks are never signed with another's.
// Safe: `file` is touched under the lock only.
package final class WebhookSecrets: @unchecked Sendable {
    /// What is wrong with the file, without anything that is in it.
    package typealias Unusable = PrivateFile.Unusable

    private struct File {
        var secrets: [TenantID: [String: [UInt8]]] = [:]
        var stamp: Stamp?
    }

    private struct Stamp: Equatable {
        let seconds: Int
        let nanoseconds: Int
        let size: Int
        let inode: UInt64
        /// Of a change of rights too.
        let changedSeconds: Int
        let changedNanoseconds: Int

        init(_ status: stat) {
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
            size = Int(status.st_size)
            inode = UInt64(status.st_ino)
            changedSeconds = status.st_ctim.tv_sec
            changedNanoseconds = status.st_ctim.tv_nsec
        }
    }

    private let path: String?
    private let log: @Sendable (String) -> Void
    private let lock = NSLock()
    private var file = File()
    /// It cannot be looked at any more, and that has been said.
    private var isGone = false

    /// - Parameter path: nil: this node has none.
    /// - Throws: `Unusable` for a file that cannot be read, is malformed, or that others on this machine may read.
    package init(path: String?, log: @escaping @Sendable (String) -> Void = { _ in }) throws(Unusable) {
        self.path = path
        self.log = log
        if let path { file = try Self.read(path) }
    }

    /// The key of a webhook; nil: this node has none of that name.
    func key(of tenant: TenantID, named name: String) -> [UInt8]? {
        lock.lock()
        defer { lock.unlock() }
        readAgain()
        return file.secrets[tenant]?[name]
    }

    /// A file that has gone or become unusable is said to be, once, and what it said before goes on.
    private func readAgain() {
        guard let path else { return }
        guard let now = Self.stamp(path) else {
            let why = String(cString: strerror(errno))
            if !isGone { log("webhook secrets: \(path) cannot be read: \(why); those of before go on") }
            isGone = true
            return
        }
        isGone = false
        guard now != file.stamp else { return }
        do throws(Unusable) {
            file = try Self.read(path)
            log("webhook secrets: read \(path) again")
        } catch {
            log("webhook secrets: \(error); those of before go on")
            file.stamp = now
        }
    }

    private static func stamp(_ path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(status)
    }

    private static let option = "--webhook-secrets"
    private static let bytesMax = 1 << 20

    private static func read(_ path: String) throws(Unusable) -> File {
        let (bytes, status) = try PrivateFile.read(path, option: option, bytesMax: bytesMax)
        guard case .object(let tenants)? = try? JSONValue(parsing: bytes) else {
            throw Unusable(
                description: "\(option): \(path) is not a JSON object of tenants, each with its secrets by name")
        }
        var file = File(stamp: Stamp(status))
        for member in tenants {
            let text = member.key
            guard let tenant = TenantID(text), case .object(let named) = member.value else {
                throw Unusable(
                    description: "\(option): \(path): \"\(text.prefix(32))\" is not a tenant with its secrets by name")
            }
            for secret in named {
                guard let key = secret.value.text.flatMap({ key($0) }) else {
                    throw Unusable(
                        description:
                            "\(option): \(path): \(text), \"\(secret.key.prefix(64))\" is not whsec_ and 24 to 64 bytes in Base64"
                    )
                }
                file.secrets[tenant, default: [:]][secret.key] = key
            }
        }
        return file
    }

    private static func key(_ secret: String) -> [UInt8]? {
        guard secret.hasPrefix("whsec_"), let data = Data(base64Encoded: String(secret.dropFirst(6))) else {
            return nil
        }
        return (24...64).contains(data.count) ? Array(data) : nil
    }
}
