/// How a node on loopback is told that it belongs to a cluster, in the flags of `tandemd`.
package enum NodeArguments {
    /// - Parameter peers: the founders' ports as this one dials them, in the order of their numbers, its own among them
    package static func founding(_ cluster: String, as number: Int, peers: [UInt16]) -> [String] {
        let members = peers.enumerated().map { "\($0.offset + 1)=127.0.0.1:\($0.element)" }
        return ["--node", "\(number)", "--cluster", cluster, "--members", members.joined(separator: ",")]
    }

    /// - Parameters:
    ///   - member: the port where who is in answers clients
    ///   - tokens: the demonstration's file, with an administrator's token
    ///   - port: where the others reach it
    package static func joining(_ member: UInt16, as number: Int, tokens: String, at port: UInt16) -> [String] {
        [
            "--node", "\(number)", "--join", "http://127.0.0.1:\(member)", "--join-token-file",
            tokens + ":administrator", "--peer-listen", "127.0.0.1:\(port)",
        ]
    }
}
