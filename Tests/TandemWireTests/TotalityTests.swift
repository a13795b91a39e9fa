import TandemCore
import Testing

@testable import TandemWire

/// Applying is total: a trap here would end a node for what another node journaled.
@Suite("Any decodable event on any decodable record")
struct TotalityTests {
    @Test("Applying any event to any record traps nothing", arguments: ActorKind.allCases)
    func apply(kind: ActorKind) throws {
        // Few identifiers, so that most events find what they speak of.
        var any = Arbitrary(seed: UInt64(kind.rawValue) + 1, identifiers: 3)
        var changed = 0
        for _ in 0..<300 {
            let isChanged =
                switch any.record(kind) {
                case .tenant(let record): try course(of: record, &any, Record.tenant)
                case .queue(let record): try course(of: record, &any, Record.queue)
                case .agent(let record): try course(of: record, &any, Record.agent)
                case .customer(let record): try course(of: record, &any, Record.customer)
                case .conversation(let record): try course(of: record, &any, Record.conversation)
                case .credential(let record): try course(of: record, &any, Record.credential)
                case .quarantine(let record): try course(of: record, &any, Record.quarantine)
                case .delivery(let record): try course(of: record, &any, Record.delivery)
                }
            if isChanged { changed += 1 }
        }
        // A quarantine, which has two kinds of events of its own, changes in one course of ten or so.
        #expect(changed > 15, "the events went past the records")
    }

    /// Forty events in a row, with what a node asks of a record between them; the record that comes of it has bytes.
    ///
    /// - Returns: whether an event has changed it.
    private func course<State: Machine>(
        of start: State, _ any: inout Arbitrary, _ wrap: (State) -> Record
    ) throws -> Bool {
        var state = start
        for _ in 0..<40 {
            state.apply(any.event(), at: any.time())
            _ = (state.isAbsent, state.isDormant, state.nextDeadline, state.deadlines)
        }
        let record = wrap(state)
        #expect(try RecordCodec.decode(kind: record.actor.kind, RecordCodec.encode(record)) == record)
        return state != start
    }
}
