internal import Foundation

/// The descriptors of this process, which is a test's own: whoever runs out of them has none anywhere.
package enum Descriptors {
    /// Takes all that it may have: sixty at least, however many it got from the process that started it, which runs other
    /// tests meanwhile. It is allowed no more afterwards.
    package static func takeAll() throws -> [Int32] {
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(UInt.init)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min((open.max() ?? 0) + 64, limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        var taken: [Int32] = []
        while true {
            let descriptor = dup(0)
            guard descriptor >= 0 else { return taken }
            taken.append(descriptor)
        }
    }
}
