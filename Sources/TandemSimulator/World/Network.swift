internal import TandemConsensus

/// The links between machines, each direction on its own.
struct Network {
    struct Link {
        var isCut = false
        /// The delay is multiplied by this.
        var slowness = 1
        /// When the last message arrives: a connection keeps the order.
        var lastArrival: Moment = 0
    }

    /// Messages keep their order and none is lost unless the connection breaks, as over TCP; else each goes alone.
    let isOrdered: Bool
    let delay: ClosedRange<Int>
    /// Of a thousand messages, when they go alone or the network is bad.
    var lossPermille: Int
    var duplicatePermille: Int
    /// Of a thousand, how many take ten times as long.
    var stragglerPermille: Int
    private var links: [[Link]]
    private var dice: Dice

    /// How a network is when nothing is wrong with it.
    struct Manners {
        var isOrdered: Bool
        /// Microseconds.
        var delay: ClosedRange<Int>
        var lossPermille: Int
        var duplicatePermille: Int
        var stragglerPermille: Int
    }

    init(machines: Int, manners: Manners, dice: Dice) {
        isOrdered = manners.isOrdered
        delay = manners.delay
        lossPermille = manners.lossPermille
        duplicatePermille = manners.duplicatePermille
        stragglerPermille = manners.stragglerPermille
        links = Array(repeating: Array(repeating: Link(), count: machines), count: machines)
        self.dice = dice
    }

    func isCut(from: Int, to: Int) -> Bool { links[from][to].isCut }

    /// Cuts or joins one direction; true if that changed something.
    mutating func cut(_ isCut: Bool, from: Int, to: Int) -> Bool {
        guard from != to, links[from][to].isCut != isCut else { return false }
        links[from][to].isCut = isCut
        return true
    }

    mutating func slow(by factor: Int, from: Int, to: Int) { links[from][to].slowness = factor }

    mutating func healAll() {
        for from in links.indices {
            for to in links.indices { links[from][to] = Link(lastArrival: links[from][to].lastArrival) }
        }
        lossPermille = 0
        duplicatePermille = 0
        stragglerPermille = 0
    }

    /// When a message sent now arrives: never, once, or twice.
    mutating func arrivals(from: Int, to: Int, now: Moment) -> [Moment] {
        if links[from][to].isCut || dice.falls(lossPermille) { return [] }
        var times = [arrival(from, to, now)]
        if dice.falls(duplicatePermille) { times.append(arrival(from, to, now)) }
        return times
    }

    private mutating func arrival(_ from: Int, _ to: Int, _ now: Moment) -> Moment {
        var time = now + dice.number(in: delay) * links[from][to].slowness
        if dice.falls(stragglerPermille) { time += 10 * delay.upperBound }
        guard isOrdered else { return time }
        time = max(time, links[from][to].lastArrival + 1)
        links[from][to].lastArrival = time
        return time
    }
}
