internal import Foundation
internal import TandemGateway
internal import TandemTransport

/// Writes to standard error, on a thread of its own: a line for each answer that is worth one, and what happens to the
/// node while it serves.
///
/// A log that nobody reads must not hold up those who serve: at most `linesMax` wait; what is beyond is counted, and the
/// number is told.
// Safe: what changes is touched under `lock` only.
final class RequestLog: @unchecked Sendable {
    /// Which answers are worth a line.
    enum Level: String, CaseIterable, Sendable {
        case none
        /// Our failures: from 500 on.
        case failed
        /// And what clients did wrong: from 400 on.
        case refused
        case all

        func includes(_ status: Int) -> Bool {
            switch self {
            case .none: false
            case .failed: status >= 500
            case .refused: status >= 400
            case .all: true
            }
        }
    }

    private enum Line {
        case request(RequestLine)
        case words(String)
    }

    /// Lines that wait to be written, about 200 bytes each.
    static let linesMax = 10_000

    private let level: Level
    private let write: @Sendable (String) -> Void
    private let lock = Lock()
    private let wake = Semaphore()
    private let done = Semaphore()
    private var waiting: [(time: Date, line: Line)] = []
    private var missed = 0
    private var isOver = false

    /// - Parameter write: takes whole lines; it may wait.
    init(_ level: Level, write: @escaping @Sendable (String) -> Void) {
        self.level = level
        self.write = write
        Thread.detachNewThread { [self] in run() }
    }

    /// From any thread; does not wait.
    func add(_ line: RequestLine) {
        if level.includes(line.status) { add(.request(line)) }
    }

    /// From any thread; does not wait.
    func say(_ words: String) { add(.words(words)) }

    private func add(_ line: Line) {
        let time = Date.now
        let isFirst = lock.withLock {
            guard waiting.count < Self.linesMax else {
                missed += 1
                return false
            }
            waiting.append((time, line))
            return waiting.count == 1
        }
        if isFirst { wake.signal() }
    }

    /// Writes what waits and ends; nothing may be added any more.
    func finish() {
        lock.withLock { isOver = true }
        wake.signal()
        done.wait()
    }

    private func run() {
        while true {
            wake.wait()
            let (lines, missed, isOver) = take()
            if !lines.isEmpty { write(lines.map { Self.text($0.line, at: $0.time) }.joined()) }
            if missed > 0 {
                write("\(Main.stamp(.now)) \(missed) lines are not in this log: it is read too slowly\n")
            }
            if isOver { return done.signal() }
        }
    }

    private func take() -> (lines: [(time: Date, line: Line)], missed: Int, isOver: Bool) {
        lock.withLock {
            let taken = (lines: waiting, missed: missed, isOver: isOver)
            waiting = []
            missed = 0
            return taken
        }
    }

    private static func text(_ line: Line, at time: Date) -> String {
        switch line {
        case .request(let request): text(request, at: time)
        case .words(let words): "\(Main.stamp(time)) \(words)\n"
        }
    }

    static func text(_ line: RequestLine, at time: Date) -> String {
        var text = "\(Main.stamp(time)) request method=\(line.method) route=\(line.route ?? "-") status=\(line.status)"
        if let code = line.code { text += " code=\(code)" }
        if let credential = line.credential { text += " credential=\(credential)" }
        if let trace = line.traceparent { text += " traceparent=\(trace)" }
        return text + " microseconds=\(line.microseconds)\n"
    }
}
