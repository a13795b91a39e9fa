internal import TandemCore
internal import TandemJournal

/// Takes the columns of a statement's current row from the first on, in the words of the domain.
///
/// What the projection wrote comes back; anything else is damage, and thrown as such with the row's table.
struct RowReading {
    let statement: Statement
    let table: String
    private var column: Int32 = -1

    init(_ statement: Statement, of table: String) {
        self.statement = statement
        self.table = table
    }

    var damaged: StoreError { .damaged(row: "\(table), column \(column)", cause: nil) }

    private mutating func next() -> Int32 {
        column += 1
        return column
    }

    mutating func number() -> Int64 { statement.int64(next()) }

    mutating func numberIfAny() -> Int64? {
        let column = next()
        return statement.isNull(column) ? nil : statement.int64(column)
    }

    mutating func count<Number: FixedWidthInteger>() throws(StoreError) -> Number {
        guard let number = Number(exactly: number()) else { throw damaged }
        return number
    }

    mutating func raw() -> UInt64 { UInt64(bitPattern: number()) }

    mutating func flag() -> Bool { number() != 0 }

    mutating func countIfAny<Number: FixedWidthInteger>() throws(StoreError) -> Number? {
        guard let number = numberIfAny() else { return nil }
        guard let count = Number(exactly: number) else { throw damaged }
        return count
    }

    mutating func time() -> Timestamp { Timestamp(milliseconds: number()) }

    mutating func timeIfAny() -> Timestamp? { numberIfAny().map { Timestamp(milliseconds: $0) } }

    mutating func length() -> Milliseconds { Milliseconds(number()) }

    mutating func lengthIfAny() -> Milliseconds? { numberIfAny().map { Milliseconds($0) } }

    mutating func position() -> EventPosition { EventPosition(rawValue: number()) }

    mutating func word<Word: RawRepresentable<UInt8>>() throws(StoreError) -> Word {
        guard let word: Word = try wordIfAny() else { throw damaged }
        return word
    }

    mutating func wordIfAny<Word: RawRepresentable<UInt8>>() throws(StoreError) -> Word? {
        guard let number = numberIfAny() else { return nil }
        guard let raw = UInt8(exactly: number), let word = Word(rawValue: raw) else { throw damaged }
        return word
    }

    mutating func text() -> String { statement.text(next()) }

    mutating func textIfAny() -> String? {
        let column = next()
        return statement.isNull(column) ? nil : statement.text(column)
    }

    mutating func blob() -> [UInt8] { statement.blob(next()) }

    mutating func id<Kind>() throws(StoreError) -> Identifier<Kind> {
        guard let id: Identifier<Kind> = try idIfAny() else { throw damaged }
        return id
    }

    mutating func idIfAny<Kind>() throws(StoreError) -> Identifier<Kind>? {
        let column = next()
        if statement.isNull(column) { return nil }
        guard let id = Identifier<Kind>(statement.text(column)) else { throw damaged }
        return id
    }

    mutating func party() throws(StoreError) -> Party {
        guard let party = Party(text: text()) else { throw damaged }
        return party
    }

    mutating func partyIfAny() throws(StoreError) -> Party? {
        guard let text = textIfAny() else { return nil }
        guard let party = Party(text: text) else { throw damaged }
        return party
    }
}
