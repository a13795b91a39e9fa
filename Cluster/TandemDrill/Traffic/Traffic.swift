internal import TandemTransport

/// All clients of a run, on one loop.
///
/// 1. `start`: supervisors and agents come, then customers.
/// 2. `beginEnding`: customers finish what they are at and go; nobody is `busy` when they have.
/// 3. `close`: agents go; supervisors stay, until they have seen what there is to see.
/// 4. `finish`: supervisors go, and everything is with the recorder.
// Safe: the lists are made once; what is in them is touched on the loop.
final class Traffic: @unchecked Sendable {
    let recorder = Recorder()
    let observers: [Observer]
    private let loop: EventLoop
    private let stage: Stage
    private var posters: [Poster] = []
    private var talkers: [Talker] = []
    private var visitors: [Visitor] = []
    private var attendants: [Attendant] = []

    init(_ branches: [Branch], addresses: [SocketAddress], seed: UInt64) throws {
        loop = try EventLoop(name: "clients")
        loop.start()
        stage = Stage(loop, addresses, recorder)
        var observers: [Observer] = []
        for branch in branches {
            let home = branch.number
            observers.append(Observer(stage, branch, home: home))
            for node in addresses.indices {
                let own = seed &+ UInt64(branch.number * addresses.count + node)
                posters.append(Poster(stage, branch, branch.customers[node], home: node, seed: own))
            }
            talkers.append(Talker(stage, branch, branch.customers[addresses.count], home: home + 2))
            for (place, person) in branch.customers.dropFirst(addresses.count + 1).enumerated() {
                visitors.append(Visitor(stage, branch, person, place: place, home: home + place))
            }
            for (place, person) in branch.agents.enumerated() {
                attendants.append(Attendant(stage, branch, person, place: place, home: home + place))
            }
        }
        self.observers = observers
    }

    func start() {
        loop.run { [self] in
            for observer in observers { observer.start() }
            for attendant in attendants { attendant.start() }
            for poster in posters { poster.start() }
            for talker in talkers { talker.start() }
            for visitor in visitors { visitor.start() }
        }
    }

    func beginEnding() { stage.beginEnding() }

    /// Customers that have not come to an end yet.
    var busy: [String] { stage.busy }

    /// What is not finished by now is unknown.
    func close() {
        onLoop { [self] in
            for talker in talkers { talker.close() }
            for visitor in visitors { visitor.close() }
            for attendant in attendants { attendant.close() }
        }
    }

    func finish() {
        onLoop { [self] in for observer in observers { observer.close() } }
        loop.stop()
    }

    private func onLoop(_ work: @escaping @Sendable () -> Void) {
        let done = Semaphore()
        loop.run {
            work()
            done.signal()
        }
        done.wait()
    }
}
