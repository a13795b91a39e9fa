internal import TandemCore
internal import TandemJournal

/// Fills the parameters of a prepared statement from the first on, in the words of the domain; nil is NULL.
struct RowBinding {
    let statement: Statement
    private var place: Int32 = 0

    init(_ statement: Statement) { self.statement = statement }

    private mutating func next() -> Int32 {
        place += 1
        return place
    }

    mutating func add(_ number: Int64?) throws(DatabaseError) {
        let place = next()
        guard let number else { return try statement.bindNull(at: place) }
        try statement.bind(number, at: place)
    }

    mutating func add(number: some FixedWidthInteger) throws(DatabaseError) {
        try statement.bind(Int64(truncatingIfNeeded: number), at: next())
    }

    mutating func add(flag: Bool) throws(DatabaseError) { try statement.bind(Int64(flag ? 1 : 0), at: next()) }

    mutating func add(_ time: Timestamp?) throws(DatabaseError) { try add(time?.milliseconds) }

    mutating func add(_ length: Milliseconds?) throws(DatabaseError) { try add(length?.count) }

    mutating func add(_ position: EventPosition) throws(DatabaseError) { try add(position.rawValue) }

    mutating func add(word: (some RawRepresentable<UInt8>)?) throws(DatabaseError) {
        try add(word.map { Int64($0.rawValue) })
    }

    mutating func add(text: String?) throws(DatabaseError) {
        let place = next()
        guard let text else { return try statement.bindNull(at: place) }
        try statement.bind(text: text, at: place)
    }

    mutating func add(blob: [UInt8]) throws(DatabaseError) { try statement.bind(blob: blob, at: next()) }

    /// A blob that must stay as it is until the statement has run.
    mutating func add(borrowed bytes: UnsafeRawBufferPointer) throws(DatabaseError) {
        try statement.bind(borrowed: bytes, at: next())
    }

    /// The written form of an identifier.
    mutating func add<Kind>(_ id: Identifier<Kind>?) throws(DatabaseError) {
        let place = next()
        guard let id else { return try statement.bindNull(at: place) }
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Identifier<Kind>.textLength) {
            buffer throws(DatabaseError) in
            id.write(into: buffer)
            try statement.bind(utf8: UnsafeRawBufferPointer(buffer), at: place)
        }
    }

    /// The number of an identifier, bit for bit.
    mutating func add(raw: UInt64) throws(DatabaseError) {
        try statement.bind(Int64(bitPattern: raw), at: next())
    }
}
