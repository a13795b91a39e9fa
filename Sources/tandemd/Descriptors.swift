internal import Glibc

/// How many files and sockets this process may have open at once.
enum Descriptors {
    /// Kept back for what is no client: the journal, the loops, clients that are turned away; and the files of a
    /// partition's read model, three for each of its writer and its two readers.
    static func reserve(partitions: Int) -> Int { 160 + 12 * partitions }

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
    /// - Returns: how many connections there is room for, at most `connections`. One more would take the descriptor that
    ///   the journal's next segment needs.
    static func makeRoom(for connections: Int, partitions: Int) throws(TooFew) -> Int {
        let reserve = reserve(partitions: partitions)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        getrlimit(resource, &limit)
        let needed = min(rlim_t(connections + reserve), limit.rlim_max)
        if limit.rlim_cur < needed {
            var raised = limit
            raised.rlim_cur = needed
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        let room = Int(clamping: limit.rlim_cur) - reserve
        guard room > 0 else { throw TooFew(limit: Int(clamping: limit.rlim_cur), reserve: reserve) }
        return min(room, connections)
    }
}
