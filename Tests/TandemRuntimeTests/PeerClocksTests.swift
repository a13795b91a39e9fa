import Testing

@testable import TandemRuntime

/// Clocks of a cluster as node 1 hears of them: each is so many milliseconds ahead of the true time.
private struct Walls {
    static let start: Int64 = 1_700_000_000_000
    var clocks = PeerClocks()
    var ahead: [UInt32: Int64]
    /// Milliseconds since the monotonic clock began.
    var passed: Int64 = 100_000

    init(_ ahead: [UInt32: Int64]) { self.ahead = ahead }

    private var now: UInt64 { UInt64(passed) * 1_000_000 }

    /// Each of the others is asked and answers: its clock is read halfway.
    mutating func ask(_ nodes: [UInt32]? = nil, roundTrip: Int64 = 1) {
        for node in (nodes ?? ahead.keys.sorted()) where node != 1 {
            let asked = now
            passed += roundTrip
            let wall = Self.start + passed - roundTrip / 2 + (ahead[node] ?? 0)
            clocks.heard(node, wall: wall, asked: asked, at: now)
        }
    }

    mutating func judge() -> PeerClocks.Judgement {
        clocks.judge(own: (Self.start + (ahead[1] ?? 0)) * 1_000, at: now)
    }

    /// What is believed, in milliseconds ahead of the true time.
    mutating func believed() -> Int64 { judge().believed / 1_000 - Self.start }
}

@Suite("Clocks of a cluster")
struct PeerClocksTests {
    @Test("A clock further than 500 ms from the median is off, and the median is believed", arguments: [-1, 1])
    func off(sign: Int64) {
        for (ahead, standing) in [(0, PeerClocks.Standing.right), (390, .right), (3_600_000, .off), (510, .off)] {
            var walls = Walls([1: sign * Int64(ahead), 2: 0, 3: 2])
            walls.ask()
            #expect(walls.judge().standing == standing, "\(ahead)")
            if standing == .off {
                #expect(abs(walls.believed()) < 10)
            } else {
                #expect(walls.believed() == walls.ahead[1])
            }
        }
    }

    @Test("The offset is the own clock's against the median, with what a round trip leaves open")
    func offset() throws {
        var walls = Walls([1: 250, 2: 0, 3: -40, 4: 10, 5: 3_000])
        walls.ask(roundTrip: 20)
        let judgement = walls.judge()
        let offset = try #require(judgement.offset) / 1_000
        #expect(abs(offset - 240) <= 11)
        #expect(judgement.uncertainty <= 11_000)
        #expect(judgement.count == 5)
    }

    @Test("One that is off among others moves nobody else")
    func others() {
        var walls = Walls([1: 0, 2: 7_200_000, 3: 3])
        walls.ask()
        #expect(walls.judge().standing == .right)
        walls = Walls([1: 0, 2: 7_200_000, 3: -7_200_000, 4: 3, 5: 1])
        walls.ask()
        #expect(walls.judge().standing == .right, "of five two may be off")
    }

    @Test("A clock that was set is found off by what was heard before, without another question")
    func steppedUnseen() {
        var walls = Walls([1: 0, 2: 0, 3: 0])
        walls.ask()
        #expect(walls.judge().standing == .right)
        walls.ahead[1] = -60_000
        #expect(walls.judge().standing == .off)
        #expect(abs(walls.believed()) < 10)
    }

    @Test("At the limit nothing goes to and fro: off above 500 ms, right again within 400")
    func hysteresis() {
        var walls = Walls([1: 600, 2: 0, 3: 0])
        walls.ask()
        #expect(walls.judge().standing == .off)
        walls.ahead[1] = 450
        #expect(walls.judge().standing == .off)
        walls.ahead[1] = 390
        #expect(walls.judge().standing == .right)
        walls.ahead[1] = 450
        #expect(walls.judge().standing == .right)
    }

    @Test("An answer that took long says little: nobody is off by it who may be right")
    func uncertain() {
        var walls = Walls([1: 900, 2: 0, 3: 0])
        walls.ask(roundTrip: 2_000)
        #expect(walls.judge().standing == .unknown)
        walls.ask(roundTrip: 10)
        #expect(walls.judge().standing == .off)
    }

    @Test(
        "A slow answer takes nothing from what quick ones have said; one that contradicts them is a clock that was set")
    func narrowed() throws {
        var walls = Walls([1: 0, 2: 0, 3: 0])
        walls.ask(roundTrip: 2)
        walls.ask(roundTrip: 800)
        let known = try #require(walls.clocks.interval(of: 2, at: UInt64(walls.passed) * 1_000_000))
        #expect(known.high - known.low <= 3_000)
        walls.ahead[2] = 5_000
        walls.ask(roundTrip: 2)
        let moved = try #require(walls.clocks.interval(of: 2, at: UInt64(walls.passed) * 1_000_000))
        #expect(moved.isWithin(5_000, of: (Walls.start + 5_000) * 1_000))
    }

    @Test("Of two clocks that disagree neither is off, and the earlier is believed", arguments: [-60_000, 60_000])
    func two(ahead: Int64) {
        var walls = Walls([1: 0, 2: ahead])
        walls.ask()
        #expect(walls.judge().standing == .disputed)
        #expect(abs(walls.believed() - min(0, ahead)) < 10)
    }

    @Test("Of two clocks that agreed the one that was set is off; the other goes on")
    func twoMoved() {
        var moved = Walls([1: 0, 2: 0])
        moved.ask()
        #expect(moved.judge().standing == .right)
        moved.ahead[1] = 60_000
        #expect(moved.judge().standing == .off)
        #expect(abs(moved.believed()) < 10)
        moved.ahead[1] = 0
        #expect(moved.judge().standing == .right)

        var stayed = Walls([1: 0, 2: 0])
        stayed.ask()
        #expect(stayed.judge().standing == .right)
        stayed.ahead[2] = -60_000
        stayed.ask()
        #expect(stayed.judge().standing == .disputed)
        #expect(stayed.believed() == 0, "its own: nobody touched it")
    }

    @Test("A verdict outlasts the loss of the third clock, until the own one is set right")
    func twoLeft() {
        var walls = Walls([1: 60_000, 2: 0, 3: 0])
        walls.ask()
        #expect(walls.judge().standing == .off)
        for _ in 0..<6 {
            walls.passed += 1_000
            walls.ask([2])
            #expect(walls.judge().standing == .off)
            #expect(abs(walls.believed()) < 10)
        }
        walls.ahead[1] = 5
        #expect(walls.judge().standing == .right)
    }

    @Test("Of four clocks, two against two decide nothing, unless this one has just left")
    func four() {
        var walls = Walls([1: 0, 2: 0, 3: 60_000, 4: 60_000])
        walls.ask()
        #expect(walls.judge().standing == .disputed)
        walls = Walls([1: 0, 2: 0, 3: 0, 4: 60_000])
        walls.ask()
        #expect(walls.judge().standing == .right)
        walls.ahead[1] = 60_000
        #expect(walls.judge().standing == .off)
    }

    @Test("Alone its own clock is all there is")
    func alone() {
        var walls = Walls([1: 60_000])
        #expect(walls.judge() == PeerClocks.Judgement(believed: (Walls.start + 60_000) * 1_000))
        walls.ahead = [1: 0, 2: 0, 3: 0]
        walls.ask()
        #expect(walls.judge().standing == .right)
        walls.passed += Int64(PeerClocks.freshNanoseconds / 1_000_000)
        #expect(walls.judge().standing == .unknown, "nobody has answered for too long")
        walls.clocks.set([])
        #expect(walls.judge().offset == nil)
    }

    @Test("A node that is off and hears nobody any more stays off")
    func unheard() {
        var walls = Walls([1: 60_000, 2: 0, 3: 0])
        walls.ask()
        #expect(walls.judge().standing == .off)
        walls.passed += Int64(PeerClocks.freshNanoseconds / 1_000_000)
        #expect(walls.judge().standing == .off)
        #expect(abs(walls.believed()) < 10)
    }

    @Test("An answer to a question that this life has not asked is none")
    func foreign() {
        var walls = Walls([1: 60_000, 2: 0])
        let now = UInt64(walls.passed) * 1_000_000
        walls.clocks.heard(2, wall: Walls.start, asked: now + 1, at: now)
        walls.clocks.heard(2, wall: Walls.start, asked: now - PeerClocks.freshNanoseconds, at: now)
        #expect(walls.judge().offset == nil)
    }
}
