internal import TandemCore

/// What is wrong with a body, and in which field: `rules[2].condition.tag`.
package struct FieldProblem: Error, Hashable, Sendable {
    package let code: ErrorCode
    package let field: String
    package let detail: String
    package init(_ code: ErrorCode, field: String, _ detail: String) {
        self.code = code
        self.field = field
        self.detail = detail
    }
}

extension Schema {
    /// Throws the first thing that does not fit, in the order of the schema's own fields; unknown fields come last.
    package func check(_ value: JSONValue, at path: String = "") throws(FieldProblem) {
        switch (self, value) {
        case (.string(let min, let max), .string(let text)):
            let count = text.utf8.count
            if count > max { throw Self.tooLong(path, "at most \(max) bytes") }
            if count < min { throw Self.invalid(path, "at least \(min) bytes") }
        case (.word(let words), .string(let text)):
            guard words.contains(text) else {
                throw Self.invalid(path, "one of \(words.joined(separator: ", "))")
            }
        case (.id(let prefix), .string(let text)):
            guard text.hasPrefix(prefix + "_"), Self.isIdentifier(text) else {
                throw Self.invalid(path, "an identifier that begins with \(prefix)_")
            }
        case (.time, .string(let text)):
            guard TimestampText.parse(text) != nil else { throw Self.invalid(path, "a moment as RFC 3339 has it") }
        case (.day, .string(let text)):
            guard TimestampText.parseDay(text) != nil else { throw Self.invalid(path, "a date like 2026-11-23") }
        case (.clock, .string(let text)):
            guard API.ClockText.parse(text) != nil else { throw Self.invalid(path, "a time of day like 09:30") }
        case (.integer(let range), .integer(let whole)):
            guard range.contains(whole) else {
                throw Self.invalid(path, "a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
        case (.choice(let numbers), .integer(let whole)):
            guard numbers.contains(whole) else {
                throw Self.invalid(path, numbers.map { "\($0)" }.joined(separator: " or "))
            }
        case (.number, .integer), (.number, .number), (.boolean, .boolean), (.anything, .object): break
        case (.array(let element, let min, let max), .array(let elements)):
            guard elements.count <= max else { throw Self.tooLong(path, "at most \(max) elements") }
            guard elements.count >= min else { throw Self.invalid(path, "at least \(min) elements") }
            for (place, one) in elements.enumerated() { try element.check(one, at: "\(path)[\(place)]") }
        case (.object(let fields), .object(let members)): try Self.check(members, against: fields, at: path)
        case (.map(let keys, let schema), .object(let members)):
            for member in members {
                guard keys.contains(member.key) else { throw Self.unknown(Self.join(path, member.key)) }
                try schema.check(member.value, at: Self.join(path, member.key))
            }
        case (.union(let variants), .object(let members)): try Self.check(members, variants, at: path)
        case (.named(let type), _): try type.schema.check(value, at: path)
        default: throw Self.invalid(path, "\(expectation) was expected, not \(value.kindName)")
        }
    }

    private static func check(
        _ members: [JSONValue.Member], against fields: [Field], at path: String, besides type: Bool = false
    ) throws(FieldProblem) {
        for field in fields {
            guard let member = members.first(where: { $0.key == field.name }) else {
                guard field.isRequired else { continue }
                throw FieldProblem(.missingField, field: join(path, field.name), "This field is required.")
            }
            try field.schema.check(member.value, at: join(path, field.name))
        }
        for member in members where !fields.contains(where: { $0.name == member.key }) {
            if type, member.key == "type" { continue }
            throw unknown(join(path, member.key))
        }
    }

    private static func check(
        _ members: [JSONValue.Member], _ variants: [Variant], at path: String
    ) throws(FieldProblem) {
        let field = join(path, "type")
        guard let type = members.first(where: { $0.key == "type" }) else {
            throw FieldProblem(.missingField, field: field, "This field is required.")
        }
        guard let variant = variants.first(where: { $0.type == type.value.text }) else {
            throw invalid(field, "one of \(variants.map(\.type).joined(separator: ", "))")
        }
        try check(members, against: variant.fields, at: path, besides: true)
    }

    private static func isIdentifier(_ text: String) -> Bool {
        let rest = text.utf8.dropFirst(3)
        let written = Array(text.utf8)
        guard written.count == Identifier<TenantKind>.textLength else { return false }
        return Identifier<TenantKind>("ten" + String(decoding: Array(rest), as: UTF8.self)) != nil
    }

    private static func invalid(_ field: String, _ expected: String) -> FieldProblem {
        FieldProblem(.invalid, field: field, "Expected: \(expected).")
    }

    private static func tooLong(_ field: String, _ bound: String) -> FieldProblem {
        FieldProblem(.limitExceeded, field: field, "Allowed: \(bound).")
    }

    private static func unknown(_ field: String) -> FieldProblem {
        FieldProblem(.unknownField, field: field, "There is no such field.")
    }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// What people call a value of this schema.
    private var expectation: String {
        switch self {
        case .string, .word, .id, .time, .day, .clock: "a string"
        case .integer, .choice: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .array: "an array"
        case .object, .map, .union, .anything: "an object"
        case .named(let type): type.schema.expectation
        }
    }
}
