/// Where a tenant wants to be told of what happens, by HTTP.
package typealias Webhook = SettingPart<WebhookSpec>

package struct WebhookSpec: SettingSpec {
    package typealias Kind = WebhookKind
    package var name: String
    /// As `WebhookAddress` reads it.
    package var url: String
    /// What it is told of; nothing else becomes due to it.
    package var notices: NoticeSet
    /// The name of what signs; every node has the secret itself in a file of its own, the journal never.
    package var secret: String
    /// Disabled, nothing becomes due to it, and what is due is given up with its next attempt.
    package var isEnabled: Bool

    package init(name: String, url: String, notices: NoticeSet, secret: String, isEnabled: Bool = true) {
        self.name = name
        self.url = url
        self.notices = notices
        self.secret = secret
        self.isEnabled = isEnabled
    }
}

/// What a tenant's own systems may be told of. Raw values are journaled: append, never renumber.
package enum NoticeKind: UInt8, CaseIterable, Sendable {
    case contactCreated = 0, contactAnswered, contactEnded, conversationClosed, messagePosted, promiseWarned,
        promiseBroken
}

/// Some of the notices.
package struct NoticeSet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }
    package init(_ kind: NoticeKind) { self.init(rawValue: 1 << UInt16(kind.rawValue)) }
    package init(_ kinds: [NoticeKind]) { self = kinds.reduce(into: []) { $0.formUnion(NoticeSet($1)) } }

    package static let all = NoticeSet(NoticeKind.allCases)

    package var kinds: [NoticeKind] { NoticeKind.allCases.filter(contains) }
    package func contains(_ kind: NoticeKind) -> Bool { contains(NoticeSet(kind)) }
}

/// A webhook's address, taken apart: `https://host[:port][/path][?query]`, or the same with `http` on loopback.
///
/// Nothing else: no user and no password, which would be in the journal; no fragment, which is not sent.
package struct WebhookAddress: Hashable, Sendable {
    package let isSecure: Bool
    /// A name, or a number without brackets.
    package let host: String
    package let port: UInt16
    /// From the slash on, with the query.
    package let path: String

    /// Nil unless it is of that form.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), !text.contains("#"), !text.contains("\\") else {
            return nil
        }
        let rest: Substring
        if text.hasPrefix("https://") {
            isSecure = true
            rest = text.dropFirst("https://".count)
        } else if text.hasPrefix("http://") {
            isSecure = false
            rest = text.dropFirst("http://".count)
        } else {
            return nil
        }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let (host, port) = Self.authority(rest[..<end]) else { return nil }
        self.host = host
        self.port = port ?? (isSecure ? 443 : 80)
        let path = rest[end...]
        self.path = path.hasPrefix("/") ? String(path) : "/" + path
        guard isSecure || Self.isLoopback(host) else { return nil }
    }

    /// As it is written in a request's `Host`: without the port that goes without saying.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    private static func authority(_ text: Substring) -> (host: String, port: UInt16?)? {
        var host = text
        var port: UInt16?
        // The last colon, unless it is within the brackets of a number.
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            let digits = text[text.index(after: colon)...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(digits), number > 0 else {
                return nil
            }
            port = number
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let number = host.dropFirst().dropLast()
            let isNumber = number.utf8.allSatisfy { $0 == 0x3a || $0 == 0x2e || Self.isHexadecimal($0) }
            return isNumber && number.contains(":") ? (number.lowercased(), port) : nil
        }
        let isName = host.utf8.allSatisfy { $0 == 0x2d || $0 == 0x2e || isAlphanumeric($0) }
        return isName && !host.isEmpty && !host.hasPrefix(".") && host.utf8.count <= 253
            ? (host.lowercased(), port) : nil
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
    }

    private static func isLoopback(_ host: String) -> Bool { ["localhost", "127.0.0.1", "::1"].contains(host) }
}
