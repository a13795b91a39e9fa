import Testing

@testable import TandemBench

@Suite("What customers were told, against what nodes have")
struct CustomerAccountTests {
    private let account = CustomerAccount(said: 5, unacknowledged: [4])

    @Test("What was acknowledged is there once; what was not may be there or not")
    func sound() {
        #expect(account.difference(from: [1, 2, 3, 5]) == .init())
        #expect(account.difference(from: [3, 1, 4, 2, 5]) == .init(), "what was said again may stand behind")
    }

    @Test("What was acknowledged and is not there is lost")
    func lost() {
        #expect(account.difference(from: [1, 3]) == .init(lost: [2, 5]))
        #expect(account.difference(from: []) == .init(lost: [1, 2, 3, 5]))
    }

    @Test("What is there more often than it was said is doubled: twice, or though nobody said it")
    func doubled() {
        #expect(account.difference(from: [1, 2, 2, 3, 4, 4, 5]) == .init(doubled: [2, 4]))
        #expect(account.difference(from: [0, 1, 2, 3, 5, 6]) == .init(doubled: [0, 6]))
    }

    @Test("Nobody has lost anything who said nothing")
    func silent() {
        #expect(CustomerAccount(said: 0, unacknowledged: []).difference(from: []) == .init())
    }
}
