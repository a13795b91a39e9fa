internal import Glibc
internal import TandemGateway
internal import TandemRuntime

/// How many files and sockets this process may have open at once.
enum Descriptors {
    /// Kept back for what is no client: the journal, the loops, clients that are turned away, and name servers that
    /// webhooks' hosts are asked of; and for each partition the files of its read model, three for each of its writer and
    /// its two readers, and the webhooks that it tells at once.
    static func reserve(partitions: Int) -> Int {
        160 + 4 * NameDesk.threadsMax + partitions * (12 + Partition.effectsMax)
    }

    struct TooFew: Error, CustomStringConvertible {
        let limit: Int
        let reserve: Int
        var description: String {
            "only \(limit) files may be open at once, and \(reserve) of them are not for clients: raise the limit "
                + "(ulimit -n, LimitNOFILE)"
        }
    }

    /// Raises the soft limit as far as `connections` need it and the hard limit lets it.
    ///
    /// - Parameter partitions: those that the node has, which is not always what it was told: one that joined has the
    ///   cluster's number of them
    /// - Returns: how many connections there is room for, at most `connections`. One more would take the descriptor that
    ///   the journal's next segment needs.
    static func makeRoom(for connections: Int, partitions: Int) throws(TooFew) -> Int {
        let reserve = reserve(partitions: partitions)
        let room = Int(clamping: raise(to: connections + reserve)) - reserve
        guard room > 0 else { throw TooFew(limit: room + reserve, reserve: reserve) }
        return min(room, connections)
    }

    /// Raises the soft limit to `wanted`, or to the hard one; what it is then.
    private static func raise(to wanted: Int) -> rlim_t {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        getrlimit(resource, &limit)
        let needed = min(rlim_t(wanted), limit.rlim_max)
        guard limit.rlim_cur < needed else { return limit.rlim_cur }
        var raised = limit
        raised.rlim_cur = needed
        return setrlimit(resource, &raised) == 0 ? needed : limit.rlim_cur
    }
}
