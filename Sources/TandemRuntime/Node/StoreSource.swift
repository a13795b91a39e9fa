internal import TandemCore
internal import TandemReadModel
internal import TandemWire

/// A partition's `state.sqlite` as recovery reads it.
struct StoreSource: StateSource {
    let meta: StateMeta
    private let reader: StoreReader

    /// The store in a directory that nobody writes to meanwhile.
    init(directory: String) throws(StoreError) {
        let reader = try StoreReader(directory: directory)
        self.init(try reader.mark(), reader)
    }

    init(_ mark: StoreMark, directory: String) throws(StoreError) {
        self.init(mark, try StoreReader(directory: directory))
    }

    private init(_ mark: StoreMark, _ reader: StoreReader) {
        meta = StateMeta(
            applied: mark.applied, appliedTerm: mark.appliedTerm, recordsApplied: mark.recordsApplied,
            minted: mark.minted, time: mark.time, format: mark.format)
        self.reader = reader
    }

    func load(_ actor: ActorID) throws(StateError) -> Record? {
        do throws(StoreError) {
            return try reader.load(actor)
        } catch {
            throw StateError("\(error)")
        }
    }

    func forEachOpenRecord(_ body: (Record) -> Void) throws(StateError) {
        do throws(StoreError) {
            try reader.loadOpenRecords { body($0) }
        } catch {
            throw StateError("\(error)")
        }
    }

    func forEachCommand(
        since: Timestamp, _ body: (CommandKey, Answer, Timestamp, UInt64) -> Void
    ) throws(StateError) {
        do throws(StoreError) {
            try reader.commandTable(since: since) { command in
                if let answer = command.answer { body(command.key, answer, command.time, command.index) }
            }
        } catch {
            throw StateError("\(error)")
        }
    }
}
