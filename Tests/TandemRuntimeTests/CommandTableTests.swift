import TandemCore
import TandemWire
import Testing

@testable import TandemRuntime

@Suite("The command table")
struct CommandTableTests {
    private let answer = Answer(actor: ActorID(kind: .conversation, raw: 7), sequence: 3)
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test("The same key with the same body is answered as before, with another body it is refused")
    func look() {
        var table = CommandTable()
        let key = CommandKey(high: 1, low: 2, body: 3)
        guard case .unknown = table.look(key) else { return #expect(Bool(false), "nothing was remembered yet") }
        table.remember(key, answer: answer, at: at(0), index: 9)
        guard case .done(let again, let index) = table.look(key) else { return #expect(Bool(false), "forgotten") }
        #expect(again == answer)
        #expect(index == 9)
        guard case .reused = table.look(CommandKey(high: 1, low: 2, body: 4)) else {
            return #expect(Bool(false), "another body passed")
        }
    }

    @Test("A key is kept for ten minutes of journaled time")
    func expires() {
        var table = CommandTable()
        for number in 0..<10 {
            let key = CommandKey(high: 0, low: UInt64(number), body: 0)
            table.remember(key, answer: answer, at: at(Int64(number) * 60_000), index: UInt64(number))
        }
        table.expire(before: at(10 * 60_000 + 4 * 60_000))
        #expect(table.count == 5)
        guard case .unknown = table.look(CommandKey(high: 0, low: 4, body: 0)) else {
            return #expect(Bool(false), "kept too long")
        }
        guard case .done = table.look(CommandKey(high: 0, low: 5, body: 0)) else {
            return #expect(Bool(false), "left too early")
        }
    }

    @Test("What an undone turn remembered is forgotten, what came before it is not")
    func forgets() {
        var table = CommandTable()
        let (first, second) = (CommandKey(high: 0, low: 1, body: 0), CommandKey(high: 0, low: 2, body: 0))
        table.remember(first, answer: answer, at: at(0), index: 1)
        table.remember(second, answer: answer, at: at(0), index: 2)
        table.forget(second)
        #expect(table.count == 1)
        table.remember(second, answer: answer, at: at(5), index: 2)
        table.expire(before: at(600_001))
        #expect(table.count == 1)
    }
}
