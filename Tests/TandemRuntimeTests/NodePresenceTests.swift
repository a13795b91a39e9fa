import Testing

@testable import TandemRuntime

@Suite("Which nodes are there")
struct NodePresenceTests {
    private static let patience = NodePresence.patienceNanoseconds

    @Test("A node of which nothing was heard yet counts as gone only after as long as a connection may take")
    func beginning() {
        let presence = NodePresence([2, 3], at: 1_000)
        #expect(presence.standing(of: 2) == .unsure)
        #expect(!presence.settle(at: 1_000 + Self.patience))
        #expect(presence.standing(of: 2) == .unsure)
        #expect(presence.settle(at: 1_001 + Self.patience))
        #expect(presence.standing(of: 2) == .gone)
        #expect(presence.standing(of: 3) == .gone)
        #expect(!presence.settle(at: 2_000 + Self.patience), "that is told once")
    }

    @Test("A node that is found is here in the life it says, and that is news")
    func found() {
        let presence = NodePresence([2, 3], at: 0)
        presence.found(2, incarnation: 7)
        #expect(presence.standing(of: 2) == .here(incarnation: 7))
        #expect(presence.settle(at: 1))
        #expect(!presence.settle(at: 2))
        presence.found(2, incarnation: 8)
        #expect(presence.standing(of: 2) == .here(incarnation: 8), "sessions of life 7 are over")
        #expect(presence.settle(at: 3))
    }

    @Test("A node that says goodbye is here and stays no longer, until it comes back")
    func goodbye() {
        let presence = NodePresence([2], at: 0)
        #expect(!presence.stays(2), "nobody has heard of it")
        presence.found(2, incarnation: 7)
        #expect(presence.stays(2))
        presence.leaves(2)
        #expect(!presence.stays(2) && presence.standing(of: 2) == .here(incarnation: 7))
        presence.lost(2, at: 1)
        #expect(!presence.stays(2))
        presence.found(2, incarnation: 8)
        #expect(presence.stays(2))
    }

    @Test("A connection that comes back in time was never a loss")
    func back() {
        let presence = NodePresence([2], at: 0)
        presence.found(2, incarnation: 7)
        _ = presence.settle(at: 1)
        presence.lost(2, at: 1_000)
        #expect(presence.standing(of: 2) == .unsure)
        #expect(!presence.settle(at: Self.patience))
        presence.found(2, incarnation: 7)
        _ = presence.settle(at: Self.patience)
        #expect(!presence.settle(at: 10 * Self.patience))
        #expect(presence.standing(of: 2) == .here(incarnation: 7))
    }

    @Test("A node that is no member is gone")
    func stranger() {
        #expect(NodePresence([2, 3], at: 0).standing(of: 9) == .gone)
    }
}
