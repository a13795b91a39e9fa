internal import TandemTransport

/// Does to a fleet what a fault says, and undoes it.
struct Breaker {
    let fleet: Fleet
    let administration: Administration

    /// Whom a fault means at this moment, and what each of them leads.
    func resolve(_ fault: Fault) -> (victims: [Int], partitions: [Int]) {
        let leaders = administration.leaders()
        var victims: [Int] = []
        for aim in fault.aims {
            let node =
                switch aim {
                case .leader(let partition): leaders[partition] ?? 1
                case .node(let number): number
                }
            if !victims.contains(node) { victims.append(node) }
        }
        let partitions = leaders.filter { victims.contains($0.value) }.keys.sorted()
        return (victims, partitions)
    }

    /// - Returns: what could not be done as it should
    func strike(_ fault: Fault, _ victims: [Int]) -> String? {
        var trouble: String?
        for victim in victims {
            let node = fleet[victim]
            switch fault.kind {
            case .kill: node.kill()
            case .pause: node.pause()
            case .cut: wires(of: victim) { fleet.links?.set(.held, from: $0, to: $1) }
            case .reset:
                for other in others(than: victim) { fleet.links?.setBreaking(true, between: victim, and: other) }
            case .mute: for other in others(than: victim) { fleet.links?.set(.held, from: victim, to: other) }
            case .deafen: for other in others(than: victim) { fleet.links?.set(.held, from: other, to: victim) }
            case .slow:
                let state = WireState.slow(
                    delayMilliseconds: UInt64(fault.delayMilliseconds), bytesPerSecond: fault.bytesPerSecond)
                wires(of: victim) { fleet.links?.set(state, from: $0, to: $1) }
            case .fillDisk: if fleet.disks.indices.contains(victim - 1) { fleet.disks[victim - 1].fill() }
            case .restart:
                if !node.terminate() { trouble = "node \(victim) did not drain and end in order:\n\(node.lastWords())" }
            }
        }
        return trouble
    }

    private func others(than victim: Int) -> [Int] { fleet.nodes.map(\.number).filter { $0 != victim } }

    private func wires(of victim: Int, _ body: (Int, Int) -> Void) {
        for other in others(than: victim) {
            body(victim, other)
            body(other, victim)
        }
    }
}
