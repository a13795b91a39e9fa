import Foundation
import TandemCore
import TandemJournal
import TestPrograms
import Testing

@testable import TandemRuntime

/// Reading the journal again while the node works.
@Suite("Journal patrol")
struct JournalPatrolTests {
    @Test("Rot is found while the node works, told, and given back by the others", .timeLimit(.minutes(5)))
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
            #expect(try Rot.strike("Needle", below: all[2].configuration.directory) > 0)
            // What a reader has seen of a file that is written it sees again until something is.
            try await eventually {
                try? await createTenant("Later", at: all)
                return all[2].patrolFigures.damaged > 0
            }
            try await eventually { told.get().contains { $0.hasPrefix("3 0 its journal is whole again") } }
            #expect(told.get().contains { $0.hasPrefix("3 0 reading its journal again has found damage: entry ") })
            // Of other things too, when a disk is slow.
            let ofJournals = told.get().filter { $0.contains("its journal") }
            #expect(ofJournals.allSatisfy { $0.hasPrefix("3 0 ") })
            let walks = all[2].patrolFigures.walks
            try await eventually { all[2].patrolFigures.walks > walks + 1 }
            #expect(try all[2].verifyJournal().isSound)
        }
    }
}
