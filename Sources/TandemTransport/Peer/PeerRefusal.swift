/// Why a node is not spoken to: a stable code and a sentence, sent to the refused side as its last frame.
///
///     code u16 │ UTF-8
package struct PeerRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// Codes never change their meaning. Owners add their own from `ownersFirst` on.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        package let number: UInt16

        package init(_ number: UInt16) { self.number = number }

        /// No version of the protocol that both speak.
        package static let protocolVersion = Code(1)
        /// Another cluster's node.
        package static let otherCluster = Code(2)
        /// It claims to be the node it speaks to.
        package static let selfClaimed = Code(3)
        /// One of both is not the node that was meant.
        package static let wrongNode = Code(4)
        /// A life of the node that a later one has superseded.
        package static let generation = Code(5)
        /// No member, as far as the refusing node knows.
        package static let notAdmitted = Code(6)
        /// Both are connected already; no trouble.
        package static let connected = Code(7)
        /// Its certificate is not that node's.
        package static let certificate = Code(8)
        /// Its bytes were not what this protocol allows.
        package static let malformed = Code(9)
        /// It was not heard for too long, though it may hear.
        package static let silent = Code(10)

        /// The first code that is an owner's.
        package static let ownersFirst: UInt16 = 256

        package var description: String {
            switch self {
            case .protocolVersion: "peer.protocolVersion"
            case .otherCluster: "peer.otherCluster"
            case .selfClaimed: "peer.selfClaimed"
            case .wrongNode: "peer.wrongNode"
            case .generation: "peer.generation"
            case .notAdmitted: "peer.notAdmitted"
            case .connected: "peer.connected"
            case .certificate: "peer.certificate"
            case .malformed: "peer.malformed"
            case .silent: "peer.silent"
            default: "peer.\(number)"
            }
        }
    }

    package let code: Code
    package let text: String

    /// What of `text` is too long, or could break a line of a log, is left out.
    package init(_ code: Code, _ text: String) {
        self.code = code
        self.text = Self.plain(text)
    }

    var bytes: [UInt8] { [UInt8(code.number & 0xFF), UInt8(code.number >> 8)] + text.utf8 }

    init(_ payload: UnsafeRawBufferPointer) throws(PeerViolation) {
        guard payload.count >= 2 else { throw .malformedRefusal }
        code = Code(UInt16(payload[0]) | UInt16(payload[1]) << 8)
        let bytes = payload[2...].prefix(PeerLimits.refusalBytesMax)
        text = Self.plain(String(decoding: bytes, as: UTF8.self))
    }

    private static func plain(_ text: String) -> String {
        var plain = ""
        for character in text where PeerIdentity.isPlain(String(character)) {
            guard plain.utf8.count + character.utf8.count <= PeerLimits.refusalBytesMax else { break }
            plain.append(character)
        }
        return plain
    }

    package var description: String { "\(code): \(text)" }
}
