/// A whole JSON text as a tree, for bodies off the hot path; keys are unique and keep their order.
package indirect enum JSONValue: Hashable, Sendable {
    case object([Member])
    case array([JSONValue])
    case string(String)
    case integer(Int64)
    /// Any number that is not a whole one of 64 bits.
    case number(Double)
    case boolean(Bool)
    case null

    package struct Member: Hashable, Sendable {
        package var key: String
        package var value: JSONValue
        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// Parses one whole text.
    package init(parsing bytes: [UInt8], depthMax: Int = 32) throws(JSONError) {
        var reader = JSONReader(bytes, depthMax: depthMax)
        self = try Self(&reader)
        try reader.finish()
    }

    /// Reads the value that stands next.
    package init(_ reader: inout JSONReader) throws(JSONError) {
        switch try reader.peek() {
        case .object:
            var members: [Member] = []
            var keys: Set<String> = []
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard keys.insert(key).inserted else { throw reader.error(.duplicateKey(key)) }
                members.append(Member(key, try Self(&reader)))
            }
            self = .object(members)
        case .array:
            var elements: [JSONValue] = []
            try reader.beginArray()
            while try reader.nextElement() { elements.append(try Self(&reader)) }
            self = .array(elements)
        case .string: self = .string(try reader.string())
        case .number: self = try Self.number(&reader)
        case .boolean: self = .boolean(try reader.bool())
        case .null:
            _ = try reader.nullIfPresent()
            self = .null
        }
    }

    private static func number(_ reader: inout JSONReader) throws(JSONError) -> JSONValue {
        let start = reader.offset
        let text = String(decoding: try reader.numberText(), as: UTF8.self)
        if let whole = Int64(text) { return .integer(whole) }
        guard let value = Double(text), value.isFinite else { throw JSONError(.numberOutOfRange, at: start) }
        return .number(value)
    }

    /// The member of an object; nil for other values and other keys.
    package subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The element of an array; nil for other values and places.
    package subscript(_ place: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(place) else { return nil }
        return elements[place]
    }

    package var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    package var whole: Int64? {
        if case .integer(let whole) = self { return whole }
        return nil
    }

    package var elements: [JSONValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    package var keys: [String] {
        if case .object(let members) = self { return members.map(\.key) }
        return []
    }

    /// What people call this kind of value.
    var kindName: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .null: "null"
        }
    }
}
