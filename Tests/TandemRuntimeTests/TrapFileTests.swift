import Foundation
import TandemCore
import Testing

@testable import TandemRuntime

@Suite("The trap file")
struct TrapFileTests {
    private let path = NSTemporaryDirectory() + "tandem-traps-\(UUID().uuidString)"

    @Test("An input that was begun and not ended is counted at the next opening; one that ended is not")
    func counted() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let actor = ActorID(kind: .conversation, raw: 77)
        do {
            let traps = try TrapFile(path: path)
            traps.begin(3, input: 41, actor: actor, contact: ContactID(raw: 5), command: 42)
            traps.begin(4, input: 42, actor: actor, contact: nil, command: nil)
            traps.end(4)
        }
        do {
            let traps = try TrapFile(path: path)
            #expect(
                traps.attempts == [
                    .init(input: 41, count: 1, actor: actor, contact: ContactID(raw: 5), command: 42, partition: 3)
                ])
            traps.begin(3, input: 41, actor: actor, contact: ContactID(raw: 5), command: 42)
        }
        do {
            let traps = try TrapFile(path: path)
            #expect(traps.attempts.map(\.count) == [2])
            traps.forget(41)
        }
        #expect(try TrapFile(path: path).attempts.isEmpty)
    }
}
