package import TandemCore

/// A problem document (RFC 9457), the body of every answer from 400 on.
package struct Problem: Error, Described, Hashable {
    /// `/errors/<code>`.
    package var type: String
    package var title: String
    package var status: Int
    package var code: ErrorCode
    /// What is special about this occurrence.
    package var detail: String?
    /// The offending field of the body (`rules[2].condition.tag`), parameter or header.
    package var field: String?
    /// The path that was asked for.
    package var instance: String?

    package init(_ code: ErrorCode, field: String? = nil, detail: String? = nil, instance: String? = nil) {
        type = "/errors/\(code.rawValue)"
        title = code.title.description
        status = code.status
        self.code = code
        self.detail = detail
        self.field = field
        self.instance = instance
    }

    package init(_ refusal: Refusal) {
        self.init(ErrorCode(refusal.code), field: refusal.field)
    }

    package init(_ problem: FieldProblem) {
        self.init(problem.code, field: problem.field.isEmpty ? nil : problem.field, detail: problem.detail)
    }

    package func write(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", type)
        writer.field("title", title)
        writer.field("status", status)
        writer.field("code", code.rawValue)
        writer.field("detail", ifPresent: detail)
        if let field, !field.isEmpty {
            // A parameter's name is the client's, and may be as long as a request line.
            writer.field("field", String(String.UnicodeScalarView(field.unicodeScalars.prefix(Self.fieldMax))))
        }
        writer.field("instance", ifPresent: instance)
        writer.endObject()
    }

    private static let fieldMax = 1_024
    package static let schemaDescription = "A problem document (RFC 9457)."
    package static let schema = Schema.object([
        .required("type", .string(min: 1, max: 256), "`/errors/` and the code."),
        .required("title", .string(min: 1, max: 256)),
        .required("status", .integer(400...599)),
        .required("code", .word(ErrorCode.allCases.map(\.rawValue)), "Stable: switch on this."),
        .optional("detail", .string(max: 4_096), "What is special about this occurrence."),
        .optional("field", .string(min: 1, max: fieldMax), "The offending field, parameter or header."),
        .optional("instance", .string(max: 8_192), "The path that was asked for."),
    ])
}
