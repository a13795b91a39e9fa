/// The other nodes, as what concerns the cluster as a whole has them: who is there, whose clock is right, and a way to ask.
///
/// All of it on the consensus loop.
protocol ClusterPeers: AnyObject, Sendable {
    var presence: NodePresence { get }
    var clocks: ClockRounds { get }
    /// The cluster is so from now on.
    func take(_ state: ClusterState)
    /// Looks again who is to be spoken to.
    func refresh()
    /// A request about the cluster, or an answer to one; it may be lost.
    func send(isAnswer: Bool, _ bytes: [UInt8], to node: UInt32)
    /// Sends what has waited for others to leave with.
    func post()
}
