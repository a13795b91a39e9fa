import Foundation
import TandemAPI
import TandemCore
import TandemGateway
import TandemTransport
import Testing

@Suite("Error codes")
struct ErrorCodeTests {
    @Test("Every refusal of Core has its code here, under the same name")
    func refusals() {
        for code in Refusal.Code.allCases {
            #expect(ErrorCode(code).rawValue == code.rawValue)
        }
    }

    @Test("Each code has a status from 400 on, and whoever may try again is told when")
    func statuses() {
        for code in ErrorCode.allCases {
            #expect((400...599).contains(code.status))
            #expect((code.retryAfterSeconds != nil) == (code.status == 503), "\(code)")
        }
    }

    @Test("Docs/Errors.md has a section for each code, with its status and its title, and no other")
    func documented() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Docs/Errors.md"), encoding: .utf8)
        var sections: [String: [Substring]] = [:]
        var current = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("### ") {
                current = line.dropFirst(4).filter { $0 != "`" }
                #expect(sections.updateValue([], forKey: current) == nil, "\(current) stands twice")
            } else if line.hasPrefix("## ") {
                current = ""
            } else if !current.isEmpty {
                sections[current]?.append(line)
            }
        }
        #expect(Set(sections.keys) == Set(ErrorCode.allCases.map(\.rawValue)))
        for code in ErrorCode.allCases {
            let body = (sections[code.rawValue] ?? []).joined(separator: "\n")
            #expect(
                body.contains("**\(code.status)** · \(code.title)."), "\(code.rawValue): \(code.status) \(code.title)")
            #expect(body.count > code.title.description.count + 60, "\(code.rawValue) says what to do")
        }
    }

    @Test("Docs/Errors.md lists each code of the transport beside its status, and the reference has them all")
    func transport() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Docs/Errors.md"), encoding: .utf8)
        var listed: Set<String> = []
        for line in text.split(separator: "\n") where line.hasPrefix("| ") && line.contains("`http.") {
            let status = line.dropFirst(2).prefix(3)
            for part in line.split(separator: "`") where part.hasPrefix("http.") { listed.insert("\(status) \(part)") }
        }
        #expect(listed == Set(HTTPServer.problemCodes.map { "\($0.status) \($0.code)" }))
        let reference = try JSONValue(parsing: OpenAPIDocument(routes: Routes.all, version: "1").bytes)
        let codes = reference["components"]?["schemas"]?["TransportProblem"]?["properties"]?["code"]?["enum"]?.elements
        #expect(codes?.compactMap(\.text) == HTTPServer.problemCodes.map(\.code))
    }

    @Test("A problem document is what its schema says, written by hand or by Foundation")
    func document() throws {
        let problem = Problem(.invalid, field: "rules[0].steps", detail: "too \"few\"", instance: "/v1/x")
        var writer = JSONWriter()
        problem.write(&writer)
        let value = try JSONValue(parsing: writer.bytes)
        try Problem.schema.check(value)
        #expect(try Problem.decode(writer.bytes) == problem)
        #expect(try Problem.decode(problem.encoded()) == problem)
    }
}
