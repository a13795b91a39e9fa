import TandemCore
import Testing

@testable import TandemRuntime

@Suite("A partition's digest")
struct PartitionDigestTests {
    private func digest(_ stage: Stage) -> PartitionDigest? { stage.partition.assumeIsolated { $0.digest() } }

    private func make(_ stage: Stage, _ name: String) throws {
        _ = try stage.answer(.tenant(nil, .create(TenantSettings(name: name))))
    }

    @Test("It is the same where the same was done, and another where anything else was")
    func equal() throws {
        let stages = try (0..<3).map { _ in try Stage() }
        let empty = try #require(digest(stages[0]))
        for (stage, name) in zip(stages, ["One", "One", "Other"]) { try make(stage, name) }
        let digests = try stages.map { try #require(digest($0)) }
        #expect(digests[0] == digests[1])
        #expect(digests[0].text != digests[2].text)
        #expect(digests[0].applied == digests[2].applied)
        #expect(digests[0].applied > empty.applied)
        #expect(digests[0].text != empty.text)
        #expect(digests[0].text.utf8.count == 16)
    }

    @Test("It is not told while records are ahead of what is committed")
    func ahead() throws {
        let stage = try Stage()
        stage.partition.submit(.tenant(nil, .create(TenantSettings(name: "One")))) { _ in }
        stage.executor.drain(at: stage.clock.monotonic())
        #expect(digest(stage) == nil)
        stage.settle()
        #expect(digest(stage) != nil)
    }
}
