package import TandemCore

/// What a JSON value may look like: the one description from which bodies are checked and the OpenAPI document is
/// written, so that neither can drift from the other.
package indirect enum Schema: Sendable {
    /// Bytes of UTF-8.
    case string(min: Int = 0, max: Int)
    case word([String])
    /// The prefix of the identifier: three letters.
    case id(String)
    /// RFC 3339.
    case time
    /// `2026-11-23`.
    case day
    /// `09:00`, `24:00`.
    case clock
    case integer(ClosedRange<Int64>)
    /// One of these whole numbers.
    case choice([Int64])
    case number
    case boolean
    case array(Schema, min: Int = 0, max: Int)
    case object([Field])
    /// Some of these keys, all with the same kind of value.
    case map([String], Schema)
    /// An object whose `type` says which fields follow.
    case union([Variant])
    case named(any Described.Type)
    /// Any object: its fields depend on more than a schema can say; the description tells.
    case anything

    package struct Field: Sendable {
        package let name: String
        package let schema: Schema
        package let isRequired: Bool
        package let description: String
    }

    package struct Variant: Sendable {
        package let type: String
        package let fields: [Field]
        package init(_ type: String, _ fields: [Field] = []) {
            self.type = type
            self.fields = fields
        }
    }

    package static func id<Kind>(_: Identifier<Kind>.Type) -> Schema { .id(Kind.prefix.description) }
    package static func word<Word: APIWord>(_: Word.Type) -> Schema { .word(Word.words) }
    package static func page<Item: Described>(of _: Item.Type) -> Schema { .named(API.Page<Item>.self) }
    /// A length of time in milliseconds, up to what the domain takes.
    package static let length = Schema.integer(0...Limits.durationMax.count)
    /// A length of time as it was measured.
    package static let measured = Schema.integer(0...Int64.max)
    package static let count = Schema.integer(0...Int64.max)
    package static let name = Schema.string(min: 1, max: Limits.nameBytesMax)
    package static let version = Schema.integer(1...Int64(UInt32.max))
    package static let tags = Schema.array(.string(min: 1, max: Limits.nameBytesMax), max: Limits.tagsMax)
    package static let text = Schema.string(min: 0, max: 1 << 20)
    package static let party = Schema.string(min: 3, max: 17)
}

extension Schema.Field {
    package static func required(_ name: String, _ schema: Schema, _ description: String = "") -> Self {
        Self(name: name, schema: schema, isRequired: true, description: description)
    }
    package static func optional(_ name: String, _ schema: Schema, _ description: String = "") -> Self {
        Self(name: name, schema: schema, isRequired: false, description: description)
    }
}

/// A JSON type of the public API: a name in the OpenAPI document, and its schema.
package protocol Described: Codable, Sendable {
    static var schemaName: String { get }
    static var schemaDescription: String { get }
    static var schema: Schema { get }
}

extension Described {
    package static var schemaName: String { String(describing: Self.self) }
    package static var schemaDescription: String { "" }
}

/// The types of the public API; `Docs/API.md` says what they are for.
package enum API {}

extension API {
    /// One page of a list: give `next` as `cursor` to get the following one; without it this was the last.
    package struct Page<Item: Described>: Described {
        package var items: [Item]
        package var next: String?
        package static var schemaName: String { "PageOf" + Item.schemaName }
        package static var schemaDescription: String {
            "One page of a list: give `next` as `cursor` to get the following one; without it this was the last."
        }
        package static var schema: Schema {
            .object([
                .required("items", .array(.named(Item.self), max: 1_000)),
                .optional("next", .string(min: 1, max: 256), "The cursor of the following page."),
            ])
        }
    }
}
