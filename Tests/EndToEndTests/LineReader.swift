import Foundation

/// Lines as they come from a process, and waiting for one.
// Safe: everything is under `condition`.
final class LineReader: @unchecked Sendable {
    private let condition = NSCondition()
    private var rest = ""
    private var lines: [String] = []

    /// Reads until the end, on a thread of its own: a dispatch source on a pipe whose other end dies has crashed the
    /// whole test process inside the dispatch library.
    func follow(_ handle: FileHandle) {
        Thread.detachNewThread { [self] in
            while case let data = handle.availableData, !data.isEmpty { take(data) }
        }
    }

    func take(_ data: Data) {
        condition.lock()
        defer { condition.unlock() }
        rest += String(decoding: data, as: UTF8.self)
        let parts = rest.split(separator: "\n", omittingEmptySubsequences: false)
        lines += parts.dropLast().map(String.init)
        rest = String(parts.last ?? "")
        condition.broadcast()
    }

    var all: [String] {
        condition.lock()
        defer { condition.unlock() }
        return lines
    }

    /// - Throws: when none comes in time, with what came instead.
    func wait(seconds: Double, for wanted: (String) -> Bool) throws -> String {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let found = lines.first(where: wanted) { return found }
            guard condition.wait(until: deadline) else {
                throw Daemon.Trouble(description: "it never said what was waited for; it said: \(lines.suffix(5))")
            }
        }
    }
}
