internal import Foundation

/// From bytes to a type of the API: well-formed, exactly the fields its schema has, then decoded.
extension Described {
    /// Throws a `FieldProblem`, whose field is empty where the text itself is no JSON.
    package static func decode(_ bytes: [UInt8]) throws(FieldProblem) -> Self {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw FieldProblem(.malformedJSON, field: "", error.description)
        }
        try schema.check(value)
        do {
            return try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw FieldProblem(error)
        } catch {
            throw FieldProblem(.invalid, field: "", "The body does not fit.")
        }
    }

    /// The bytes of the JSON text, its keys sorted.
    package func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self))
        } catch {
            preconditionFailure("a type of the API is always encodable: \(error)")
        }
    }
}

extension FieldProblem {
    /// The same path in the API's way of writing.
    init(_ error: DecodingError) {
        let context: DecodingError.Context? =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                .dataCorrupted(let context):
                context
            @unknown default: nil
            }
        var path = ""
        for key in context?.codingPath ?? [] {
            if let place = key.intValue {
                path += "[\(place)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        self.init(.invalid, field: path, context?.debugDescription ?? "The body does not fit.")
    }
}
