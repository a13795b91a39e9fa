package import TandemCore
internal import TandemJournal
package import TandemWire

/// An answered command that may come again.
package struct RememberedCommand: Hashable, Sendable {
    package let index: UInt64
    package let time: Timestamp
    package let key: CommandKey
    package let answer: Answer?
}

/// The events of one entry, as they came out of the store.
package struct StoredEntry: Hashable, Sendable {
    package let index: UInt64
    package let time: Timestamp
    package let events: [Event]
}

// What a node reads when it comes up, and when an actor comes back from the store.
//
// Records stand at `mark.recordsApplied`. Entries after it are applied to them in order: up to `mark.applied` from
// `forEachEntry` (or from the journal, which has them too), then from the journal.
extension StoreReader {
    /// Calls `body` with the record of every actor that is not dormant, kind by kind, one at a time.
    package func loadOpenRecords(_ body: (Record) throws -> Void) throws(StoreError) {
        try StoreError.wrapping {
            let statement = try database.statement(
                "SELECT kind, actor, bytes FROM record INDEXED BY record_open WHERE open = 1 ORDER BY kind, actor")
            try statement.forEachRow { statement in
                var row = RowReading(statement, of: "record")
                try body(try row.record())
            }
        }
    }

    /// An actor's record; nil: it was never flushed.
    package func load(_ actor: ActorID) throws(StoreError) -> Record? {
        try rows("SELECT kind, actor, bytes FROM record WHERE actor = ?", of: "record") { row in
            try row.add(raw: actor.raw)
        } read: { row in
            try row.record()
        }.first
    }

    /// Calls `body` with each answer given at or after `time`, oldest first.
    package func commandTable(since time: Timestamp, _ body: (RememberedCommand) throws -> Void) throws(StoreError) {
        try StoreError.wrapping {
            let statement = try database.statement(
                "SELECT idx, time, key_high, key_low, body, answer FROM entry ORDER BY idx")
            try statement.forEachRow { statement in
                guard statement.int64(1) >= time.milliseconds else { return }
                var row = RowReading(statement, of: "entry")
                try body(try row.rememberedCommand())
            }
        }
    }

    /// Calls `body` with the events of each entry after `index`, in order; an entry without events is not there.
    package func forEachEntry(after index: UInt64, _ body: (StoredEntry) throws -> Void) throws(StoreError) {
        try StoreError.wrapping {
            let statement = try database.statement("SELECT id, time, bytes, text FROM event WHERE id > ? ORDER BY id")
            var binding = RowBinding(statement)
            try binding.add(EventPosition.before(entry: index + 1))
            var open: (index: UInt64, time: Timestamp)?
            var events: [Event] = []
            try statement.forEachRow { statement in
                var row = RowReading(statement, of: "event")
                let stored = try row.storedEvent()
                if let entry = open, entry.index != stored.position.entry {
                    try body(StoredEntry(index: entry.index, time: entry.time, events: events))
                    events.removeAll(keepingCapacity: true)
                }
                open = (stored.position.entry, stored.time)
                events.append(stored.event)
            }
            if let open { try body(StoredEntry(index: open.index, time: open.time, events: events)) }
        }
    }
}

extension RowReading {
    fileprivate mutating func record() throws(StoreError) -> Record {
        let kind: ActorKind = try word()
        let actor = ActorID(kind: kind, raw: raw())
        do {
            return try statement.withBlob(2) { bytes throws(WireError) in
                try RecordCodec.decode(kind: kind, bytes)
            }
        } catch {
            throw .damaged(row: "record \(actor.written)", cause: error)
        }
    }

    fileprivate mutating func rememberedCommand() throws(StoreError) -> RememberedCommand {
        let index = raw()
        let time = time()
        let key = CommandKey(high: raw(), low: raw(), body: raw())
        do {
            let answer = try statement.withBlob(5) { bytes throws(WireError) in
                try WireReader.readAll(bytes) { reader throws(WireError) in try Answer?(from: &reader) }
            }
            return RememberedCommand(index: index, time: time, key: key, answer: answer)
        } catch {
            throw .damaged(row: "entry \(index)", cause: error)
        }
    }
}
