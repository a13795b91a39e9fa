/// The number of a node.
package struct PeerID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: UInt32

    package init(_ number: UInt32) { self.number = number }

    package static func < (left: PeerID, right: PeerID) -> Bool { left.number < right.number }

    package var description: String { "node \(number)" }
}

/// The 16 bytes that all nodes of a cluster share and no other cluster has.
package struct ClusterID: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// 32 hexadecimal digits.
    package init?(_ text: String) {
        guard text.utf8.count == 32, text.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
            let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    package var description: String { high.sixteenDigits + low.sixteenDigits }
}

extension UInt64 {
    /// In hexadecimal digits, as identifiers of clusters and disks are written.
    package var sixteenDigits: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Which of a node's lives speaks. One that was superseded is never listened to again.
package struct PeerLife: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Rises when the node comes back with an empty disk.
    package let generation: UInt32
    /// Rises with each start on the same disk.
    package let incarnation: UInt64

    package init(generation: UInt32 = 0, incarnation: UInt64) {
        self.generation = generation
        self.incarnation = incarnation
    }

    /// Names the life among all that the node's number has had: a node that came back with an empty disk counts its starts
    /// from one again.
    package var number: UInt64 { UInt64(generation) << 32 | incarnation }

    package static func < (left: PeerLife, right: PeerLife) -> Bool {
        (left.generation, left.incarnation) < (right.generation, right.incarnation)
    }

    package var description: String { "\(generation).\(incarnation)" }
}

/// Who a node says it is, and what it can read.
package struct PeerIdentity: Hashable, Sendable, CustomStringConvertible {
    /// The versions of the peer protocol that this build speaks.
    package static let protocolsSpoken: ClosedRange<UInt16> = 1...1

    package let cluster: ClusterID
    package let node: PeerID
    package let life: PeerLife
    package let protocols: ClosedRange<UInt16>
    /// The formats of journal entries that it reads.
    package let formats: ClosedRange<UInt8>
    /// For people: what its operator calls it.
    package let name: String
    /// Where it says it can be reached, as `host:port`.
    package let address: String
    /// Drawn when its directory was made: a wiped or replaced disk has another. 0: it does not say.
    package let disk: UInt64

    /// - Parameters:
    ///   - name: plain text, at most `PeerLimits.textBytesMax` bytes of UTF-8
    ///   - address: the same
    package init(
        cluster: ClusterID, node: PeerID, life: PeerLife, protocols: ClosedRange<UInt16> = protocolsSpoken,
        formats: ClosedRange<UInt8>, name: String = "", address: String = "", disk: UInt64 = 0
    ) {
        precondition(Self.isPlain(name), "a node's name is short plain text")
        precondition(Self.isPlain(address), "a node's address is short plain text")
        self.cluster = cluster
        self.node = node
        self.life = life
        self.protocols = protocols
        self.formats = formats
        self.name = name
        self.address = address
        self.disk = disk
    }

    /// The newest version both speak.
    package func protocolShared(with other: PeerIdentity) -> UInt16? {
        let newest = min(protocols.upperBound, other.protocols.upperBound)
        return newest >= max(protocols.lowerBound, other.protocols.lowerBound) ? newest : nil
    }

    /// Short, and nothing that could break a line of a log.
    static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= PeerLimits.textBytesMax
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
                default: true
                }
            }
    }

    package var description: String {
        name.isEmpty ? "\(node), life \(life)" : "\(node) \"\(name)\", life \(life)"
    }
}
