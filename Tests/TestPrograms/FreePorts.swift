internal import Foundation
internal import Synchronization

/// Ports of this machine on which nobody listens, for programs that have to know one another's before they start.
package enum FreePorts {
    package struct NoneFound: Error {}

    /// Below those that the system gives to outgoing connections: nobody takes one by chance.
    private static let range: ClosedRange<UInt16> = 10_000...32_000

    /// What was given is never given again: who got it has not bound it yet, or is down for a while.
    private static let given = Mutex<Set<UInt16>>([])

    package static func find(_ count: Int) throws(NoneFound) -> [UInt16] {
        let taken = ["/proc/net/tcp", "/proc/net/tcp6"].reduce(into: Set<UInt16>()) { $0.formUnion(ports(in: $1)) }
        var found: [UInt16] = []
        for _ in 0..<10_000 where found.count < count {
            let port = UInt16.random(in: range)
            guard !taken.contains(port), given.withLock({ $0.insert(port).inserted }) else { continue }
            found.append(port)
        }
        guard found.count == count else { throw NoneFound() }
        return found
    }

    /// The local ports of a table of the system's: its second column is `address:port`, in hexadecimal digits.
    private static func ports(in table: String) -> [UInt16] {
        guard let text = try? String(contentsOfFile: table, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").dropFirst().compactMap { line in
            let columns = line.split(separator: " ", omittingEmptySubsequences: true)
            guard columns.count > 1, let port = columns[1].split(separator: ":").last else { return nil }
            return UInt16(port, radix: 16)
        }
    }
}
