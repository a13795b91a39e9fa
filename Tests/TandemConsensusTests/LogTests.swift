import TestChance
import Testing

@testable import TandemConsensus

/// The log's parts against naive ones.
struct LogTests {
    @Test("Terms of runs, and the hints from them, agree with a plain list", arguments: 0..<20 as Range<UInt64>)
    func termRuns(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var runs = TermRuns()
        var list: [Term] = []
        var origin = 0
        for _ in 0..<400 {
            switch dice.below(10) {
            case 0 where list.count > origin:
                let from = origin + dice.below(list.count - origin)
                list.removeSubrange(from...)
                runs.truncate(from: LogIndex(from + 1))
            case 1 where list.count > origin:
                origin += dice.below(list.count - origin + 1)
                runs.compact(through: LogIndex(origin))
            default:
                list.append(Term((list.last?.value ?? 1) + (dice.below(4) == 0 ? 1 : 0)))
                runs.append(list[list.count - 1], at: LogIndex(list.count))
            }
            guard list.count > origin else { continue }
            let index = origin + 1 + dice.below(list.count - origin)
            #expect(runs.term(at: LogIndex(index)) == list[index - 1], "seed \(seed)")
            let term = Term(UInt64(dice.below(Int(list[list.count - 1].value) + 2)))
            let expected = (origin + 1...index).last { list[$0 - 1] <= term }
            let found = runs.last(upTo: LogIndex(index), termAtMost: term).flatMap { $0 > LogIndex(origin) ? $0 : nil }
            #expect(found == expected.map { LogIndex($0) }, "seed \(seed)")
        }
    }

    @Test("The ring of entries agrees with a plain list", arguments: 0..<20 as Range<UInt64>)
    func entryRing(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var ring = EntryRing(first: 1)
        var list: [LogEntry] = []
        var first: LogIndex = 1
        for _ in 0..<3_000 {
            switch dice.below(12) {
            case 0 where !list.isEmpty:
                let from = first + LogIndex(dice.below(list.count))
                list.removeAll { $0.index >= from }
                ring.truncate(from: from)
            case 1...4 where !list.isEmpty:
                list.removeFirst()
                first += 1
                ring.removeFirst()
            default:
                let size = dice.below(9)
                let entry = LogEntry(
                    index: first + LogIndex(list.count), term: Term(1),
                    content: .command(Array(repeating: 1, count: size)))
                list.append(entry)
                ring.append(entry)
            }
            #expect(ring.count == list.count && ring.first == first)
            #expect(ring.bytes == list.reduce(0) { $0 + $1.size })
            guard !list.isEmpty else { continue }
            let from = dice.below(list.count)
            let slice = ring.slice(from: first + LogIndex(from), before: ring.end, bytes: 100, count: 5)
            #expect(Array(slice) == Array(list[from...].prefix(slice.count)))
            #expect(slice.count >= 1 && slice.count <= 5)
            #expect(slice.count == 1 || slice.reduce(0) { $0 + $1.size } <= 100)
        }
    }

    @Test("The window of appends counts messages and bytes, and frees what has arrived")
    func inFlight() {
        var dice = SeededGenerator(seed: 5)
        var window = InFlight(messages: 7, bytes: 100)
        var list: [(end: LogIndex, bytes: Int)] = []
        var end: LogIndex = 0
        for _ in 0..<2_000 {
            if !window.isFull && dice.chance(of: 50) {
                end += 1 + LogIndex(dice.below(3))
                let bytes = dice.below(40)
                window.add(end: end, bytes: bytes)
                list.append((end, bytes))
            } else if let first = list.first {
                let index = first.end + LogIndex(dice.below(5)) - 1
                window.free(upTo: index)
                list.removeAll { $0.end <= index }
            }
            #expect(window.count == list.count)
            #expect(window.bytes == list.reduce(0) { $0 + $1.bytes })
            #expect(window.isFull == (list.count == 7 || window.bytes >= 100))
        }
    }

    @Test("A membership is in effect from its entry on, until it is truncated; what is cut leaves the last before it")
    func history() {
        func voters(_ node: UInt32) -> Membership { Membership(voters: [NodeID(node)]) }
        var history = MembershipHistory(voters(1), at: 0)
        history.append(voters(2), at: 5)
        history.append(voters(3), at: 9)
        #expect(history.current == voters(3) && history.previous == voters(2) && history.currentIndex == 9)
        #expect(history.membership(at: 4) == voters(1) && history.membership(at: 8) == voters(2))
        let changes = [history.truncate(from: 9), history.truncate(from: 6)]
        #expect(changes == [true, false])
        #expect(history.current == voters(2))
        history.append(voters(4), at: 7)
        history.compact(to: 6)
        #expect(history.membership(at: 6) == voters(2) && history.membership(at: 7) == voters(4))
        history.compact(to: 8)
        #expect(history.current == voters(4) && history.previous == nil)
    }

    @Test("A node's name tells its lives apart")
    func nodeID() {
        #expect(NodeID(3, incarnation: 2).value == 3 << 32 | 2)
        #expect(NodeID(value: 3 << 32 | 2) == NodeID(3, incarnation: 2))
        #expect(NodeID(3) != NodeID(3, incarnation: 1))
        #expect("\(NodeID(3)) \(NodeID(3, incarnation: 1))" == "n3 n3.1")
    }
}
