internal import Foundation
internal import Glibc

/// What is told while a drill runs, on standard error: a line that is rewritten on a terminal, and lines of their own for
/// what is worth keeping.
final class Screen {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var isShowing = false

    func tell(_ line: String) {
        clear()
        put(line + "\n")
    }

    /// How it stands; on a terminal only.
    func show(_ line: String) {
        guard isTerminal else { return }
        put("\r\u{1B}[K" + line)
        isShowing = true
    }

    private func clear() {
        if isShowing { put("\r\u{1B}[K") }
        isShowing = false
    }

    private func put(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
