internal import TandemConsensus
package import TandemTransport

/// Which cluster a node founds with others, and how it reaches them.
package struct ClusterConfiguration: Sendable {
    /// Told apart from all others by its name and its founders' numbers; the same on all of them.
    package var name: String
    /// The nodes that found it, this one included, by number: where this node reaches each.
    package var members: [UInt32: SocketAddress]
    /// Where this node accepts the others.
    package var listen: SocketAddress
    /// Without it everything between nodes is sent in the clear, and identities are believed.
    package var security: PeerSecurity?
    /// A line for the log; called on the consensus loop.
    package var tell: @Sendable (String) -> Void

    package init(
        name: String, members: [UInt32: SocketAddress], listen: SocketAddress, security: PeerSecurity? = nil,
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.name = name
        self.members = members
        self.listen = listen
        self.security = security
        self.tell = tell
    }

    /// Founders of a cluster: a cluster of fewer than three survives no loss.
    package static let membersMax = 15

    /// By number, as texts: what the journal remembers.
    var founders: String { members.keys.sorted().map(String.init).joined(separator: " ") }

    /// Half of the SHA-256 of name and founders.
    package var id: ClusterID {
        let digest = Digest.sha256(Array("tandem cluster\n\(name)\n\(founders)".utf8))
        func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        return ClusterID(high: number(digest[0..<8]), low: number(digest[8..<16]))
    }

    var voters: [NodeID] { members.keys.sorted().map { NodeID($0) } }
}
