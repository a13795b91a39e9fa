import TandemAPI
import TandemGateway
import Testing

@Suite("The OpenAPI document")
struct OpenAPITests {
    private static let document: JSONValue = {
        do {
            return try JSONValue(parsing: OpenAPIDocument(routes: Routes.all, version: "1.2.3").bytes)
        } catch {
            preconditionFailure("the document is JSON: \(error)")
        }
    }()

    @Test("It has every route and nothing else")
    func complete() throws {
        var operations: Set<String> = []
        for path in Self.document["paths"]?.keys ?? [] {
            for method in Self.document["paths"]?[path]?.keys ?? [] {
                operations.insert("\(method.uppercased()) \(path)")
            }
        }
        #expect(operations == Set(Routes.all.map { "\($0.method.rawValue) \($0.path)" }))
        #expect(operations.count == Routes.all.count)
    }

    @Test("Every operation has a name of its own, a summary, and an answer; every part of its path is a parameter")
    func operations() throws {
        var names: Set<String> = []
        for route in Routes.all {
            let operation = try #require(Self.document["paths"]?[route.path]?[route.method.rawValue.lowercased()])
            let name = try #require(operation["operationId"]?.text)
            #expect(names.insert(name).inserted, "\(name)")
            #expect(operation["summary"]?.text?.isEmpty == false)
            #expect(operation["responses"]?["\(route.status)"] != nil)
            let parameters = operation["parameters"]?.elements ?? []
            let inPath = parameters.filter { $0["in"]?.text == "path" }.compactMap { $0["name"]?.text }
            #expect(inPath == route.pathParameters, "\(route.path)")
            let inQuery = parameters.filter { $0["in"]?.text == "query" }.compactMap { $0["name"]?.text }
            #expect(inQuery == route.query.map(\.name), "\(route.path)")
            let isKeyed = parameters.contains { $0["name"]?.text == "Idempotency-Key" }
            #expect(isKeyed == route.isWrite)
            if case .json = route.body { #expect(operation["requestBody"]?["content"] != nil) }
        }
    }

    @Test("Every reference leads somewhere, and every schema is referred to")
    func references() throws {
        var references: Set<String> = []
        collect(Self.document, &references)
        for reference in references {
            var place: JSONValue? = Self.document
            for part in reference.dropFirst(2).split(separator: "/") { place = place?[String(part)] }
            #expect(place != nil, "\(reference)")
        }
        for name in Self.document["components"]?["schemas"]?.keys ?? [] {
            #expect(references.contains("#/components/schemas/\(name)"), "\(name) is not used")
        }
    }

    private func collect(_ value: JSONValue, _ references: inout Set<String>) {
        switch value {
        case .object(let members):
            for member in members {
                if member.key == "$ref", let text = member.value.text { references.insert(text) }
                collect(member.value, &references)
            }
        case .array(let elements): for element in elements { collect(element, &references) }
        case .string, .integer, .number, .boolean, .null: break
        }
    }

    @Test("Required fields are among the properties, and nothing else may stand in an object")
    func objects() throws {
        func check(_ value: JSONValue, _ path: String) {
            if let properties = value["properties"], value["type"]?.text == "object" {
                for name in value["required"]?.elements ?? [] {
                    #expect(properties.keys.contains(name.text ?? ""), "\(path)")
                }
                #expect(value["additionalProperties"] == .boolean(false), "\(path)")
            }
            switch value {
            case .object(let members): for member in members { check(member.value, "\(path)/\(member.key)") }
            case .array(let elements): for element in elements { check(element, path) }
            case .string, .integer, .number, .boolean, .null: break
            }
        }
        check(try #require(Self.document["components"]?["schemas"]), "")
    }
}
