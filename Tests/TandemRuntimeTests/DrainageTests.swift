import Synchronization
import TandemTransport
import TandemWire
import Testing

@testable import TandemRuntime

@Suite("A node that an operator drains")
struct DrainageTests {
    private func state(_ roles: [ClusterState.Role]) -> ClusterState {
        let members = roles.enumerated().map { place, role in
            ClusterState.Member(
                node: UInt32(place + 1), address: "", role: role, formats: WireVersion.read)
        }
        return ClusterState(id: ClusterID(high: 1, low: 2), name: "test", format: 1, members: members)
    }

    @Test("It is told once, each time it begins, and who serves is where clients may go")
    func begins() {
        let (drainage, count) = (Drainage(), Counted())
        drainage.onBegin { count.add() }
        drainage.take(state([.serving, .serving, .serving]), node: 1) { _ in true }
        #expect(!drainage.isOn && count.value == 0 && drainage.elsewhere == [2, 3])
        for _ in 0..<2 { drainage.take(state([.draining, .serving, .joining]), node: 1) { _ in true } }
        #expect(drainage.isOn && count.value == 1 && drainage.elsewhere == [2])
        drainage.take(state([.serving, .serving, .serving]), node: 1) { $0 == 3 }
        #expect(!drainage.isOn && drainage.elsewhere == [3])
        drainage.take(state([.draining, .serving, .serving]), node: 1) { _ in false }
        #expect(count.value == 2 && drainage.elsewhere == [2, 3], "nobody is there: any may be soon")
    }

    private final class Counted: Sendable {
        private let count = Mutex(0)
        func add() { count.withLock { $0 += 1 } }
        var value: Int { count.withLock { $0 } }
    }
}
