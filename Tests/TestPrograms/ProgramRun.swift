internal import Foundation

/// A program that was run to its end: its exit status, and what it said.
package struct ProgramRun: Sendable {
    package let status: Int32
    package let output: String
    /// What it complained of; empty when that went where its output did.
    package let errors: String

    /// - Parameter apart: what it complains of is kept apart; less than a pipe holds.
    package init(_ path: String, _ arguments: [String], apart: Bool = false) throws {
        let program = Program()
        program.executableURL = URL(fileURLWithPath: path)
        program.arguments = arguments
        let (output, errors) = (OutputPipe(), OutputPipe())
        program.standardOutput = output.fileHandleForWriting
        program.standardError = apart ? errors.fileHandleForWriting : output.fileHandleForWriting
        try program.run()
        if !apart { try errors.fileHandleForWriting.close() }
        self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        self.errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        program.waitUntilExit()
        status = program.terminationStatus
    }
}
