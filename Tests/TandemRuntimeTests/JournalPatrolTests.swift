import Foundation
import TandemCore
import TandemJournal
import Testing

@testable import TandemRuntime

/// Reading the journal again while the node works.
@Suite("Journal patrol")
struct JournalPatrolTests {
    @Test("Rot is found while the node works, told, and given back by the others", .timeLimit(.minutes(2)))
    func rot() async throws {
        try await Trio.run { trio in
            let told = Mutexed<[String]>([])
            trio.configure = { configuration in
                let node = configuration.node
                configuration.patrolNanoseconds = 20_000_000
                configuration.alarm = { partition, what in told.set(told.get() + ["\(node) \(partition) \(what)"]) }
            }
            var all: [Node] = []
            for number in 1...3 as ClosedRange<UInt32> { all.append(try await trio.start(number)) }
            for name in ["Early", "Needle"] { try await createTenant(name, at: all) }
            // On pages behind: who writes one anew writes what he has in memory of it.
            for number in 0..<60 {
                try await createTenant("\(number) \(String(repeating: "late ", count: 30))", at: all)
            }
            try await eventually { all.allSatisfy { $0.patrolFigures.walks > 0 } }
            #expect(all.allSatisfy { $0.patrolFigures.damaged == 0 && $0.patrolFigures.bytes > 0 })
            #expect(try damage("Needle", below: all[2].configuration.directory) > 0)
            // What a reader has seen of a file that is written it sees again until something is.
            try await eventually {
                try? await createTenant("Later", at: all)
                return all[2].patrolFigures.damaged > 0
            }
            try await eventually { told.get().contains { $0.hasPrefix("3 0 its journal is whole again") } }
            #expect(told.get().contains { $0.hasPrefix("3 0 reading its journal again has found damage: entry ") })
            #expect(told.get().allSatisfy { $0.hasPrefix("3 0 ") })
            let walks = all[2].patrolFigures.walks
            try await eventually { all[2].patrolFigures.walks > walks + 1 }
            #expect(try all[2].verifyJournal().isSound)
        }
    }

    /// Changes a byte of a word wherever it is in a node's first segment; how often it was there.
    private func damage(_ word: String, below directory: String) throws -> Int {
        var found = 0
        for name in ["journal-000001.sqlite", "journal-000001.sqlite-wal"] {
            let path = "\(directory)/journal/\(name)"
            guard let bytes = FileManager.default.contents(atPath: path) else { continue }
            let file = try #require(FileHandle(forUpdatingAtPath: path))
            var from = bytes.startIndex
            while let place = bytes.range(of: Data(word.utf8), in: from..<bytes.endIndex) {
                try file.seek(toOffset: UInt64(place.lowerBound))
                try file.write(contentsOf: Data("?".utf8))
                from = place.upperBound
                found += 1
            }
            try file.close()
        }
        return found
    }
}
