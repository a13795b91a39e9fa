import Synchronization
import TandemCore
import Testing

@testable import TandemRuntime

/// Three nodes that ask each other what their clocks show; what one says reaches the other at once.
private final class Clocks {
    let hands: [HandClock]
    let trusted: [TrustedClock]
    let rounds: [ClockRounds]
    private let reluctances = Mutex<[UInt32: Bool]>([:])

    /// - Parameter ahead: by how much each node's clock is when it starts, in milliseconds.
    init(_ count: Int, ahead: [Int64] = []) {
        hands = (0..<count).map { _ in HandClock(monotonic: 50_000_000_000) }
        for (hand, step) in zip(hands, ahead) { hand.step(milliseconds: step) }
        trusted = hands.map { TrustedClock($0) }
        var rounds: [ClockRounds] = []
        for (place, clock) in trusted.enumerated() {
            rounds.append(ClockRounds(node: UInt32(place + 1), clock: clock, tell: { _ in }))
        }
        self.rounds = rounds
        for (place, one) in rounds.enumerated() {
            one.set((1...UInt32(count)).filter { $0 != UInt32(place + 1) })
            one.start { [unowned self] isAnswer, bytes, node in
                let other = self.rounds[Int(node) - 1]
                let from = UInt32(place + 1)
                #expect(isAnswer ? other.heard(bytes, from: from) : other.asked(bytes, by: from))
            } changed: { [unowned self] isReluctant in
                reluctances.withLock { $0[UInt32(place + 1)] = isReluctant }
            }
        }
    }

    /// All of them are connected, or those that are named.
    func connect(_ nodes: [UInt32]? = nil) {
        let nodes = nodes ?? rounds.indices.map { UInt32($0 + 1) }
        for node in nodes {
            for other in nodes where other != node { rounds[Int(node) - 1].found(other) }
        }
    }

    /// A cluster in which all know one another.
    static func connected(_ count: Int) -> Clocks {
        let clocks = Clocks(count)
        clocks.connect()
        return clocks
    }

    func pass(milliseconds: Int64) {
        for hand in hands { hand.pass(milliseconds: milliseconds) }
        for (hand, one) in zip(hands, rounds) { one.beat(at: hand.monotonic()) }
    }

    /// Those who let others lead.
    var reluctant: [UInt32] { reluctances.withLock { $0.filter(\.value).keys.sorted() } }
}

@Suite("Nodes ask for each other's clocks")
struct ClockRoundsTests {
    @Test("A clock that is set an hour on keeps its node from leading at the next look, and all know at once")
    func steps() throws {
        let clocks = Clocks.connected(3)
        clocks.pass(milliseconds: 1_000)
        #expect(clocks.reluctant == [])
        #expect(clocks.rounds.allSatisfy { $0.figures.offsetMilliseconds == 0 })
        clocks.hands[0].step(milliseconds: 3_600_000)
        clocks.pass(milliseconds: 100)
        #expect(clocks.reluctant == [1])
        #expect(!clocks.rounds[0].mayLead(1) && clocks.rounds[0].figures.isOff)
        #expect(!clocks.rounds[1].mayLead(1) && clocks.rounds[2].offsetMilliseconds(of: 1) == 0, "nobody has asked yet")
        clocks.pass(milliseconds: Int64(ClockRounds.askNanoseconds / 1_000_000))
        #expect(!clocks.rounds[1].mayLead(1) && clocks.rounds[1].mayLead(2) && clocks.rounds[1].mayLead(3))
        let seen = try #require(clocks.rounds[2].offsetMilliseconds(of: 1))
        #expect(abs(seen - 3_600_000) <= 1)
        clocks.hands[0].step(milliseconds: -3_600_000)
        clocks.pass(milliseconds: 100)
        #expect(clocks.reluctant == [])
        #expect(clocks.rounds[1].mayLead(1))
    }

    @Test(
        "Time that rests on a clock which was set goes on as if nobody had touched it",
        arguments: [-7_200_000, 7_200_000])
    func time(step: Int64) {
        let clocks = Clocks.connected(3)
        clocks.pass(milliseconds: 1_000)
        var time = JournaledTime(anchor: nil)
        time.begin(term: 1, last: Timestamp(milliseconds: 0), clock: clocks.trusted[0])
        let before = time.now(clocks.trusted[0]).milliseconds
        clocks.hands[0].step(milliseconds: step)
        #expect(time.now(clocks.trusted[0]).milliseconds == before)
        for _ in 0..<100 { clocks.pass(milliseconds: 100) }
        #expect(abs(time.now(clocks.trusted[0]).milliseconds - before - 10_000) <= 2, "not even steered")
        time.begin(term: 1, last: Timestamp(milliseconds: 0), clock: clocks.trusted[0])
        #expect(abs(time.now(clocks.trusted[0]).milliseconds - before - 10_000) <= 2, "nor when it begins to lead")
    }

    @Test("Who has just started lets others lead until somebody has borne its clock out, or five seconds have passed")
    func begins() {
        let clocks = Clocks(3, ahead: [0, -26_486_000, 0])
        #expect(clocks.reluctant == [1, 2, 3])
        clocks.connect([1, 2])
        clocks.pass(milliseconds: 1_000)
        #expect(clocks.reluctant == [1, 2, 3], "of two that are apart nothing tells which is right")
        clocks.connect([1, 3])
        #expect(clocks.reluctant == [2])
        #expect(!clocks.rounds[1].isOff, "it has not heard the third, and time is as late as it may be")
        clocks.connect([2, 3])
        clocks.pass(milliseconds: 100)
        #expect(clocks.rounds[1].isOff && clocks.reluctant == [2])

        let two = Clocks(2, ahead: [0, 60_000])
        two.connect()
        two.pass(milliseconds: 4_000)
        #expect(two.reluctant == [1, 2])
        two.pass(milliseconds: 1_000)
        #expect(two.reluctant == [], "somebody has to")
        #expect(Clocks(1).reluctant == [], "there is nobody else")
    }

    @Test("A look at the clock before the start takes nothing of the time in which others are to lead")
    func early() {
        let hand = HandClock(monotonic: 50_000_000_000)
        let rounds = ClockRounds(node: 1, clock: TrustedClock(hand), tell: { _ in })
        let told = Mutex<[Bool]>([])
        rounds.set([2, 3])
        rounds.beat(at: hand.monotonic())
        rounds.start(send: { _, _, _ in }, changed: { isReluctant in told.withLock { $0.append(isReluctant) } })
        #expect(told.withLock { $0 } == [true])
        hand.pass(milliseconds: 5_000)
        rounds.beat(at: hand.monotonic())
        #expect(told.withLock { $0 } == [true, false], "and it ends by itself")
    }

    @Test("A clock that all agree on is followed again, whatever it showed before")
    func together() {
        let clocks = Clocks.connected(3)
        clocks.pass(milliseconds: 1_000)
        for hand in clocks.hands { hand.step(milliseconds: 60_000) }
        for _ in 0..<4 { clocks.pass(milliseconds: 1_000) }
        #expect(clocks.reluctant == [])
        #expect(clocks.trusted.allSatisfy { $0.wall() == clocks.hands[0].wall() })
    }

    @Test("A node that is gone is asked no more, and what it said of itself is forgotten")
    func lost() {
        let clocks = Clocks.connected(3)
        clocks.hands[0].step(milliseconds: 60_000)
        clocks.pass(milliseconds: 1_000)
        clocks.pass(milliseconds: 1_000)
        #expect(!clocks.rounds[1].mayLead(1))
        clocks.rounds[1].lost(1)
        #expect(clocks.rounds[1].mayLead(1))
        for _ in 0..<6 { clocks.pass(milliseconds: 1_000) }
        #expect(clocks.rounds[1].offsetMilliseconds(of: 1) == nil)
    }

    @Test("Bytes that are no question or answer are told apart")
    func garbled() throws {
        let clocks = Clocks.connected(2)
        let answer = ClockAnswer(asked: 7, wall: 8, isOff: true)
        #expect(try ClockAnswer(decoding: answer.bytes) == answer)
        #expect(try ClockQuestion(decoding: ClockQuestion(asked: 9).bytes) == ClockQuestion(asked: 9))
        for bytes in [[], [1, 2, 3], answer.bytes + [0], answer.bytes.dropLast() + [2]] as [[UInt8]] {
            #expect(!clocks.rounds[0].heard(bytes, from: 2))
        }
        #expect(!clocks.rounds[0].asked([], by: 2))
        var far = answer.bytes
        far.replaceSubrange(8..<16, with: [UInt8](repeating: 0x7F, count: 8))
        #expect(!clocks.rounds[0].heard(far, from: 2), "such a time would overflow")
        #expect(ClockAnswer(asked: 0, wall: .max, isOff: false).wall == ClockAnswer.wallMax)
        #expect(ClockAnswer(asked: 0, wall: -1, isOff: false).wall == 0)
    }
}
