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

    private func made(_ number: UInt64, by node: UInt32 = 7, life: UInt64 = 3) -> CommandKey {
        NodeKey(node: node, life: life, number: number).key(body: number)
    }

    @Test("The keys of nodes leave after their own time, from between those of clients")
    func nodesExpire() {
        var table = CommandTable()
        for number: UInt64 in 0..<10 {
            let client = CommandKey(high: 0, low: number, body: 0)
            table.remember(client, answer: answer, at: at(Int64(number) * 10_000), index: number * 2)
            table.remember(made(number), answer: answer, at: at(Int64(number) * 10_000), index: number * 2 + 1)
        }
        table.expire(before: at(90_000))
        #expect(table.count == 12, "all clients' and the last two of the node")
        guard case .done = table.look(made(8)) else { return #expect(Bool(false), "left too early") }
        table.expire(before: at(620_000))
        #expect(table.count == 7, "clients' of the last ten minutes")
    }

    @Test("Where the journal's time runs faster, the keys of nodes are kept as much longer")
    func fast() {
        var table = CommandTable(factor: 60)
        table.remember(made(1), answer: answer, at: at(0), index: 1)
        table.expire(before: at(60 * 20_000 - 1))
        #expect(table.count == 1)
        table.expire(before: at(60 * 20_000))
        #expect(table.count == 0)
    }

    @Test("A node's command that may have been done and forgotten is not taken for a new one")
    func forgotten() {
        var table = CommandTable()
        table.remember(made(5), answer: answer, at: at(0), index: 1)
        table.remember(made(6), answer: answer, at: at(19_000), index: 2)
        table.expire(before: at(20_000))
        func isForgotten(_ key: CommandKey) -> Bool {
            if case .forgotten = table.look(key) { return true }
            return false
        }
        #expect(isForgotten(made(5)) && isForgotten(made(4)))
        #expect(!isForgotten(made(6)) && !isForgotten(made(7)))
        #expect(!isForgotten(made(4, by: 8)) && !isForgotten(made(4, life: 4)), "others' numbers are others")
        #expect(!isForgotten(CommandKey(high: 0, low: 5, body: 0)))
        table.expire(before: at(600_000))
        #expect(isForgotten(made(6)) && isForgotten(made(5)), "6 is the highest that is forgotten")
        table.expire(before: at(619_000))
        #expect(!isForgotten(made(6)), "a node that is new may count from the beginning")
    }

    @Test("Taken back, a node's key is forgotten as if it had never been")
    func takenBack() {
        var table = CommandTable()
        let client = CommandKey(high: 0, low: 1, body: 0)
        table.remember(made(1), answer: answer, at: at(0), index: 1)
        table.remember(client, answer: answer, at: at(0), index: 2)
        table.remember(made(2), answer: answer, at: at(0), index: 3)
        table.forget(made(2))
        table.forget(client)
        guard case .unknown = table.look(made(2)), case .done = table.look(made(1)) else {
            return #expect(Bool(false), "another was forgotten")
        }
        table.remember(made(2), answer: answer, at: at(1), index: 2)
        table.expire(before: at(20_001))
        #expect(table.count == 0)
    }
}
