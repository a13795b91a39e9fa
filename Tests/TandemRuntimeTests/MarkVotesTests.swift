import TandemWire
import Testing

@testable import TandemRuntime

@Suite("Votes about marks")
struct MarkVotesTests {
    private static let right = StateHash(high: 7, low: 7)
    private static let other = StateHash(high: 8, low: 7)
    private static let third = StateHash(high: 9, low: 7)
    private static let voters: [UInt32] = [1, 2, 3]

    private func mark(_ index: UInt64, by leader: UInt32 = 1, _ hash: StateHash = right, own: StateHash?) -> SeenMark {
        SeenMark(index: index, mark: StateMark(node: leader, hash: hash), own: own)
    }

    @Test("Where all agree nothing is said, and it is known up to where they did")
    func agreement() {
        var votes = MarkVotes(node: 2)
        #expect(votes.apply(mark(5, own: Self.right), voters: Self.voters) == nil)
        #expect(votes.verdict == .sound && votes.agreedAt == 5 && votes.difference == nil)
        #expect(votes.apply(mark(9, own: nil), voters: Self.voters) == nil, "it has not counted yet")
        #expect(votes.verdict == .sound && votes.agreedAt == 5)
    }

    @Test("Who differs from the leader alone says so, is in doubt, and wrong when a third says what the leader says")
    func wrongFollower() {
        var votes = MarkVotes(node: 2)
        #expect(votes.apply(mark(5, own: Self.other), voters: Self.voters) == Self.other)
        #expect(votes.verdict == .doubted)
        #expect(votes.hear(Self.right, at: 5, from: 3, voters: Self.voters) == nil, "it said it once")
        #expect(votes.verdict == .wrong)
        #expect(votes.difference == MarkVotes.Difference(index: 5, own: Self.other, other: Self.right))
        // It stays wrong, and says so at every mark.
        #expect(votes.apply(mark(8, own: Self.other), voters: Self.voters) == Self.other)
        #expect(votes.verdict == .wrong)
    }

    @Test("Who is asked answers once, stays sound with the majority, and knows who is wrong")
    func asked() {
        var votes = MarkVotes(node: 3)
        // It lags: the question comes before the mark.
        #expect(votes.hear(Self.other, at: 5, from: 2, voters: Self.voters) == nil)
        #expect(votes.apply(mark(5, own: Self.right), voters: Self.voters) == Self.right)
        #expect(votes.verdict == .sound && votes.wrong == [2])
        #expect(votes.hear(Self.other, at: 5, from: 2, voters: Self.voters) == nil)
        #expect(votes.hear(Self.right, at: 6, from: 2, voters: Self.voters) == nil)
        #expect(votes.apply(mark(6, own: Self.right), voters: Self.voters) == Self.right)
        #expect(votes.wrong == [])
    }

    @Test("A node stays wrong until it has been heard at a newer mark, or has said nothing at a whole one")
    func staysWrong() {
        var votes = MarkVotes(node: 1)
        _ = votes.apply(mark(5, own: Self.right), voters: Self.voters)
        _ = votes.hear(Self.other, at: 5, from: 2, voters: Self.voters)
        _ = votes.hear(Self.right, at: 5, from: 3, voters: Self.voters)
        #expect(votes.wrong == [2])
        _ = votes.apply(mark(6, own: Self.right), voters: Self.voters)
        #expect(votes.wrong == [2], "nobody has said anything yet")
        _ = votes.hear(Self.other, at: 6, from: 2, voters: Self.voters)
        #expect(votes.wrong == [2], "there is no majority yet")
        _ = votes.hear(Self.right, at: 6, from: 3, voters: Self.voters)
        #expect(votes.wrong == [2])
        _ = votes.apply(mark(7, own: Self.right), voters: Self.voters)
        // It started anew and is right: it does not say so.
        _ = votes.apply(mark(8, own: Self.right), voters: Self.voters)
        #expect(votes.wrong == [])
    }

    @Test("Who was wrong in its last life is wrong until a majority has what it has, and says so unasked")
    func distrusted() {
        var votes = MarkVotes(node: 2, isDistrusted: true)
        #expect(votes.verdict == .wrong && votes.difference == nil)
        #expect(votes.apply(mark(5, own: nil), voters: Self.voters) == nil && votes.verdict == .wrong)
        #expect(votes.apply(mark(6, own: Self.other), voters: Self.voters) == Self.other)
        #expect(votes.verdict == .wrong, "it has only counted, and nobody has spoken")
        #expect(votes.apply(mark(7, own: Self.right), voters: Self.voters) == Self.right)
        #expect(votes.verdict == .sound)
    }

    @Test("A leader is wrong when both others say something else, and not before")
    func wrongLeader() {
        var votes = MarkVotes(node: 1)
        #expect(votes.apply(mark(5, Self.other, own: Self.other), voters: Self.voters) == nil)
        #expect(votes.hear(Self.right, at: 5, from: 2, voters: Self.voters) == Self.other)
        #expect(votes.verdict == .doubted)
        #expect(votes.hear(Self.right, at: 5, from: 3, voters: Self.voters) == nil)
        #expect(votes.verdict == .wrong)
    }

    @Test("A leader that differs does not make those wrong who agree against it")
    func soundFollowers() {
        var votes = MarkVotes(node: 2)
        #expect(votes.apply(mark(5, Self.other, own: Self.right), voters: Self.voters) == Self.right)
        #expect(votes.hear(Self.right, at: 5, from: 3, voters: Self.voters) == nil)
        #expect(votes.verdict == .sound && votes.wrong == [1])
    }

    @Test("Where no two agree, of two voters, or while voters change nobody is wrong")
    func noMajority() {
        for voters in [Self.voters, [1, 2], []] as [[UInt32]] {
            var votes = MarkVotes(node: 2)
            _ = votes.apply(mark(5, own: Self.other), voters: voters)
            _ = votes.hear(Self.third, at: 5, from: 3, voters: voters)
            #expect(votes.verdict == .doubted, "\(voters)")
        }
    }

    @Test("Who was wrong or in doubt is sound again when a majority has what it has, at a later mark")
    func sound() {
        var votes = MarkVotes(node: 2)
        _ = votes.apply(mark(5, own: Self.other), voters: Self.voters)
        #expect(votes.apply(mark(6, own: Self.right), voters: Self.voters) == Self.right, "the others have to hear it")
        #expect(votes.verdict == .sound && votes.difference == nil)
        // An old word about an old mark changes nothing.
        #expect(votes.hear(Self.right, at: 5, from: 3, voters: Self.voters) == nil)
        #expect(votes.verdict == .sound)
    }

    @Test("A learner's word counts for nobody, but it learns that it is wrong")
    func learner() {
        var votes = MarkVotes(node: 4)
        #expect(votes.apply(mark(5, own: Self.other), voters: Self.voters) == Self.other)
        _ = votes.hear(Self.other, at: 5, from: 5, voters: Self.voters)
        #expect(votes.verdict == .doubted)
        _ = votes.hear(Self.right, at: 5, from: 3, voters: Self.voters)
        #expect(votes.verdict == .wrong)
    }

    @Test("Only the last marks are remembered, however many somebody names")
    func bounded() {
        var votes = MarkVotes(node: 2)
        for index in 100..<200 as Range<UInt64> {
            #expect(votes.hear(Self.other, at: index, from: 3, voters: Self.voters) == nil)
        }
        #expect(votes.apply(mark(5, own: Self.other), voters: Self.voters) == nil, "older than all that is remembered")
        #expect(votes.apply(mark(199, own: Self.right), voters: Self.voters) == Self.right)
        #expect(votes.verdict == .sound)
    }
}
