import Foundation
import TandemAPI
import Testing

@testable import TandemDrill

@Suite("The drill's history file")
struct HistoryFileTests {
    @Test("Every line is an object with a type, and nothing of the evidence is left out")
    func lines() throws {
        var story = Story()
        story.evidence.faults = [
            FaultLine(name: "kill", victims: [2], partitions: [0, 3], began: 5, detail: "\"quoted\"")
        ]
        var types: [String: Int] = [:]
        var lines: [JSONValue] = []
        try HistoryFile.lines(of: story.evidence, name: "kill-leader", seed: 7, nodes: 3) { line in
            let value = try JSONValue(parsing: line)
            types[value["type"]?.text ?? "none", default: 0] += 1
            lines.append(value)
        }
        #expect(
            types == ["run": 1, "operation": 3, "fault": 1, "seen": 8, "transcript": 3, "agent": 3, "digest": 3])
        let operation = try #require(lines.first { $0["type"]?.text == "operation" })
        #expect(operation["key"]?.text == "m1")
        #expect(operation["invoked"]?.whole == 100)
        #expect(operation["returned"]?.whole == 150)
        #expect(operation["result"]?.text == "ok")
        #expect(lines[4]["detail"]?.text == "\"quoted\"")
    }
}
