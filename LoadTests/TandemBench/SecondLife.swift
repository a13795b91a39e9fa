internal import Foundation
internal import TandemRuntime
internal import TandemTransport
internal import TestPrograms

/// A node that comes up in a process of its own on a directory that an earlier life has left.
///
/// What making the conversations cost, the program's own start and its libraries are not in it: they are in the process
/// that made them, and in the one that comes up on an empty directory.
struct SecondLife: Codable {
    /// The first argument of such a process; the directory follows.
    static let argument = "--second-life"

    /// From opening the directory until the node leads.
    var seconds: Double
    /// Open conversations in memory.
    var conversations: Int
    /// Memory of this process alone once it leads, in bytes.
    var residentBytes: Int

    /// Starts the process, and waits for what it says.
    static func measured(in directory: String) throws -> SecondLife {
        let process = Program()
        let output = OutputPipe()
        process.executableURL = Program.own
        process.arguments = [argument, directory]
        process.standardOutput = output.fileHandleForWriting
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Ended(status: process.terminationStatus) }
        return try JSONDecoder().decode(SecondLife.self, from: said)
    }

    /// What that process does.
    static func lead(in directory: String) async throws {
        let began = EventLoop.monotonicNanoseconds()
        let (node, loops) = try await Workplace.open(at: directory)
        let seconds = Double(EventLoop.monotonicNanoseconds() - began) / 1e9
        let held = await withCheckedContinuation { done in
            node.read(partition: 0, { $0.conversationCount }, release: { done.resume(returning: $0 ?? 0) })
        }
        let life = SecondLife(seconds: seconds, conversations: held, residentBytes: ownMemory)
        await node.stop()
        loops.stop()
        print(String(decoding: try JSONEncoder().encode(life), as: UTF8.self))
    }

    /// What the system counts as this process's own memory now.
    private static var ownMemory: Int {
        guard let line = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let words = line.split(separator: " ").compactMap { Int($0) }
        // Size, resident, shared.
        return words.count > 2 ? (words[1] - words[2]) * Int(getpagesize()) : 0
    }

    private struct Ended: Error, CustomStringConvertible {
        let status: Int32
        var description: String { "the second life ended with status \(status)" }
    }
}
