/// A value with one written form: the same value gives the same bytes, and the bytes give the value back.
///
/// Fields follow one another in a fixed order, without names. A case is a number that never changes its meaning:
/// append, never renumber. A changed order or a new field is a new format version (`WireVersion`).
package protocol WireValue {
    func write(to writer: inout WireWriter)
    /// Takes the value off the front of the reader; total over all bytes.
    init(from reader: inout WireReader) throws(WireError)
}

/// The versions of the format. A node reads all of them, and writes the one that its cluster has agreed on: the newest
/// that all of its nodes read.
package enum WireVersion {
    package static let first: UInt8 = 1
    /// Clocks without a promise, policies applied afterwards, the clock of the matter, a target's own warning.
    package static let second: UInt8 = 2
    #if NEXT_FORMAT
        /// Of the test build alone, which stands for a release to come: messages say how many characters they have, and a
        /// conversation how many were written in it.
        package static let third: UInt8 = 3
        package static let current = third
        package static let isTest = true
    #else
        package static let current = second
        package static let isTest = false
    #endif

    package static let read = first...current
    /// The oldest that is written here: that of the release before, whose nodes may be in the cluster still.
    package static let oldest = second

    /// Throws `unknownVersion` unless the next byte names a version that is read here; what follows is read by it.
    static func check(_ reader: inout WireReader) throws(WireError) {
        let version = try reader.readByte()
        guard read.contains(version) else { throw .unknownVersion(version) }
        reader.version = version
    }
}

/// A closed set of words, written as the raw value that Core gave each.
protocol WireWord: WireValue, RawRepresentable where RawValue == UInt8 {}

extension WireWord {
    @inlinable
    package func write(to writer: inout WireWriter) { writer.writeByte(rawValue) }
    @inlinable
    package init(from reader: inout WireReader) throws(WireError) {
        self = try reader.readTag(Self.self, of: Self.self)
    }
}

extension WireWriter {
    /// Begins a value with the byte that names its format; what follows is written by it. What is older than this build
    /// writes is written in the oldest form it does.
    mutating func begin(_ format: UInt8) {
        precondition(format <= WireVersion.current, "nobody agrees on a format that he does not read")
        version = max(format, WireVersion.oldest)
        writeByte(version)
    }

    /// The number of a case, from its type's table.
    @inlinable
    mutating func writeTag<Tag: RawRepresentable>(_ tag: Tag) where Tag.RawValue == UInt8 { writeByte(tag.rawValue) }

    /// The number of a case and what the case holds.
    @inlinable
    mutating func writeCase<Tag: RawRepresentable, each Value: WireValue>(_ tag: Tag, _ values: repeat each Value)
    where Tag.RawValue == UInt8 {
        writeByte(tag.rawValue)
        repeat (each values).write(to: &self)
    }

    /// One value after another.
    @inlinable
    mutating func writeAll<each Value: WireValue>(_ values: repeat each Value) {
        repeat (each values).write(to: &self)
    }
}
