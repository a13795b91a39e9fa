import Testing

@testable import TandemRuntime

@Suite("Supervision")
struct SupervisorTests {
    @Test("One for one restarts the child that failed")
    func oneForOne() {
        var supervisor = Supervisor(.oneForOne, children: ["a", "b", "c"])
        #expect(supervisor.failed("b", reason: "broke", at: 0) == .restart(["b"]))
        #expect(supervisor.children.map(\.restarts) == [0, 1, 0])
        #expect(supervisor.children[1].lastReason == "broke")
    }

    @Test("Rest for one restarts the child that failed and those started after it")
    func restForOne() {
        var supervisor = Supervisor(.restForOne, children: ["a", "b", "c"])
        #expect(supervisor.failed("b", reason: "broke", at: 0) == .restart(["b", "c"]))
        #expect(supervisor.children.map(\.restarts) == [0, 1, 1])
    }

    @Test("More restarts within the window than allowed escalate; outside the window they are forgotten")
    func intensity() {
        var supervisor = Supervisor(.oneForOne, restartsMax: 2, window: 100, children: ["a"])
        #expect(supervisor.failed("a", reason: "", at: 0) == .restart(["a"]))
        #expect(supervisor.failed("a", reason: "", at: 50) == .restart(["a"]))
        #expect(supervisor.failed("a", reason: "", at: 160) == .restart(["a"]))
        #expect(supervisor.failed("a", reason: "", at: 200) == .restart(["a"]))
        #expect(supervisor.failed("a", reason: "", at: 220) == .escalate)
    }

    @Test("A child that nobody supervises escalates")
    func unknown() {
        var supervisor = Supervisor(.oneForOne, children: ["a"])
        #expect(supervisor.failed("z", reason: "", at: 0) == .escalate)
    }
}
