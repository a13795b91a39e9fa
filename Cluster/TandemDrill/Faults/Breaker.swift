internal import Foundation
internal import TandemTransport
internal import TestPrograms

/// Does to a fleet what a fault says, and undoes it.
struct Breaker {
    let fleet: Fleet
    let administration: Administration

    /// How long an operator's request may take, in seconds: a little more than a node takes to give it up.
    private static let requestSecondsMax = 15.0

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
        if fault.kind == .transfer, !fault.isWhole, case .leader(let partition) = fault.aims.first {
            return (victims, [partition])
        }
        let partitions = leaders.filter { victims.contains($0.value) }.keys.sorted()
        return (victims, partitions)
    }

    /// - Parameter partitions: that the victims lead, as far as the fault is about them
    /// - Returns: what could not be done as it should
    func strike(_ fault: Fault, _ victims: [Int], _ partitions: [Int]) -> String? {
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
            case .transfer: trouble = handOver(partitions, to: (victim - 1 + fault.offset) % fleet.nodes.count + 1)
            case .replace: trouble = replace(victim, besides: victims)
            case .stepClock:
                fleet.clocks[victim - 1].set(aheadMilliseconds: Int64(fault.stepMilliseconds))
                if fault.isRestarted { trouble = restart(node) }
            }
        }
        return trouble
    }

    private func restart(_ node: NodeProcess) -> String? {
        node.kill()
        do {
            try node.start()
            return nil
        } catch {
            return "node \(node.number) was not started: \(error)"
        }
    }

    /// A healthy cluster does what it is asked to.
    private func handOver(_ partitions: [Int], to heir: Int) -> String? {
        for partition in partitions {
            do {
                _ = try administration.insist(
                    "POST", "/v1/partitions/\(partition)/transfer", body: "{\"to\":\(heir)}",
                    seconds: Self.requestSecondsMax)
            } catch {
                return "partition \(partition) was not handed to node \(heir): \(error)"
            }
        }
        return nil
    }

    /// Its disk is lost, the others are told, and what is started next in its place is new.
    private func replace(_ victim: Int, besides victims: [Int]) -> String? {
        do {
            let node = fleet[victim]
            node.kill()
            for name in try FileManager.default.contentsOfDirectory(atPath: node.directory) {
                try FileManager.default.removeItem(atPath: node.directory + "/" + name)
            }
            _ = try administration.insist(
                "POST", "/v1/nodes/\(victim)/replace", seconds: Self.requestSecondsMax)
            fleet.rejoin(victim, through: others(than: victim).first { !victims.contains($0) } ?? 1)
            return nil
        } catch {
            return "node \(victim) was not replaced: \(error)"
        }
    }

    private func others(than victim: Int) -> [Int] { fleet.nodes.map(\.number).filter { $0 != victim } }

    private func wires(of victim: Int, _ body: (Int, Int) -> Void) {
        for other in others(than: victim) {
            body(victim, other)
            body(other, victim)
        }
    }
}
