// Schemas as JSON Schema 2020-12, the dialect of OpenAPI 3.1.
extension Schema {
    package func write(_ writer: inout JSONWriter, description: String = "") {
        switch self {
        case .string(let min, let max):
            begin("string", description, &writer)
            if min > 0 { writer.field("minLength", 1) }
            writer.field("maxLength", max)
        case .word(let words):
            begin("string", description, &writer)
            writer.field("enum", words)
        case .id(let prefix):
            begin("string", description, &writer)
            writer.field("pattern", "^\(prefix)_[0-9a-hjkmnp-tv-z]{13}$")
        case .time:
            begin("string", description, &writer)
            writer.field("format", word: "date-time")
        case .day:
            begin("string", description, &writer)
            writer.field("format", word: "date")
        case .clock:
            begin("string", description, &writer)
            writer.field("pattern", "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")
        case .integer(let range):
            begin("integer", description, &writer)
            writer.field("format", word: "int64")
            writer.field("minimum", range.lowerBound)
            if range.upperBound < .max { writer.field("maximum", range.upperBound) }
        case .choice(let numbers):
            begin("integer", description, &writer)
            writer.key("enum")
            writer.beginArray()
            for number in numbers { writer.integer(number) }
            writer.endArray()
        case .number: begin("number", description, &writer)
        case .boolean: begin("boolean", description, &writer)
        case .array(let element, let min, let max):
            begin("array", description, &writer)
            if min > 0 { writer.field("minItems", min) }
            writer.field("maxItems", max)
            writer.key("items")
            element.write(&writer)
        case .object(let fields):
            begin("object", description, &writer)
            Self.write(fields, type: nil, &writer)
        case .map(let keys, let schema):
            begin("object", description, &writer)
            Self.write(
                keys.map { Field(name: $0, schema: schema, isRequired: false, description: "") }, type: nil, &writer)
        case .union(let variants):
            writer.beginObject()
            if !description.isEmpty { writer.field("description", description) }
            writer.key("oneOf")
            writer.beginArray()
            for variant in variants {
                begin("object", "", &writer)
                Self.write(variant.fields, type: variant.type, &writer)
                writer.endObject()
            }
            writer.endArray()
        case .named(let type):
            writer.beginObject()
            if !description.isEmpty { writer.field("description", description) }
            writer.field("$ref", "#/components/schemas/\(type.schemaName)")
        case .anything: begin("object", description, &writer)
        }
        writer.endObject()
    }

    private func begin(_ type: StaticString, _ description: String, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", word: type)
        if !description.isEmpty { writer.field("description", description) }
    }

    /// Properties, what is required, and that nothing else may stand there; `type` adds the word that tells a variant.
    private static func write(_ fields: [Field], type: String?, _ writer: inout JSONWriter) {
        writer.key("properties")
        writer.beginObject()
        if let type {
            writer.key("type")
            writer.beginObject()
            writer.field("const", type)
            writer.endObject()
        }
        for field in fields {
            writer.key(dynamic: field.name)
            field.schema.write(&writer, description: field.description)
        }
        writer.endObject()
        let required = (type == nil ? [] : ["type"]) + fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty { writer.field("required", required) }
        writer.field("additionalProperties", false)
    }

    /// Every named type that this schema leads to, itself included, by name.
    package func collect(into types: inout [String: any Described.Type]) {
        switch self {
        case .string, .word, .id, .time, .day, .clock, .integer, .choice, .number, .boolean, .anything: break
        case .array(let element, _, _): element.collect(into: &types)
        case .map(_, let element): element.collect(into: &types)
        case .object(let fields):
            for field in fields { field.schema.collect(into: &types) }
        case .union(let variants):
            for field in variants.flatMap(\.fields) { field.schema.collect(into: &types) }
        case .named(let type):
            guard types.updateValue(type, forKey: type.schemaName) == nil else { return }
            type.schema.collect(into: &types)
        }
    }
}
