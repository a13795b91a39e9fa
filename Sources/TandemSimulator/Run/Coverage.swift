/// How often what is rare has happened: a run in which nothing went wrong proves nothing.
package struct Coverage: Sendable, Equatable {
    package enum Item: String, CaseIterable, Sendable {
        case leaders, commits, truncations, crashes, strikes, restarts, pauses, cuts, connectionLosses
        case lostMessages, doubledMessages, snapshotsMade, partsSent, badParts, snapshotsInstalled, cutsOfTheLog
        case jointMemberships, cancelledChanges, learners, promotions, removals, wipes, lostTails
        case rottenLogs, healedLogs
        case forgetful, transfers, handOvers, stalledDisks, fullDisks, failedDisks, slowDisks, badNetworks
        case acknowledgedWrites, refusedWrites, unknownWrites, reads, refusedReads, fetches, busy
        // Of whole partitions.
        case turns, offers, timersFired, slaTimers, repeatedAnswers, recordsFlushed, evictions, loads, comparisons,
            digests
        case powerCuts, clockSteps, memberChanges, calmTicks, marks, marksCompared, reluctances, clockHandOvers,
            timedPromises
        case effects, effectsRepeated, effectsNotBegun, deliveriesDone, deliveriesDead

        /// Where it can happen.
        package func isPossible(in world: World) -> Bool {
            switch self {
            case .leaders, .commits, .crashes, .restarts, .pauses, .cuts, .connectionLosses, .lostMessages,
                .doubledMessages, .cutsOfTheLog, .transfers, .stalledDisks, .fullDisks, .failedDisks, .slowDisks,
                .badNetworks, .acknowledgedWrites, .refusedWrites, .unknownWrites, .reads, .refusedReads, .busy,
                .rottenLogs, .healedLogs, .learners, .promotions, .snapshotsMade, .partsSent, .badParts,
                .snapshotsInstalled:
                true
            case .truncations, .strikes, .jointMemberships, .cancelledChanges, .removals, .wipes, .lostTails,
                .forgetful, .handOvers, .fetches:
                world == .raft
            case .turns, .offers, .timersFired, .slaTimers, .repeatedAnswers, .recordsFlushed, .evictions, .loads,
                .comparisons, .digests, .powerCuts, .clockSteps, .memberChanges, .calmTicks, .marks, .marksCompared,
                .reluctances, .clockHandOvers, .timedPromises, .effects, .effectsRepeated, .effectsNotBegun,
                .deliveriesDone, .deliveriesDead:
                world == .partition
            }
        }
    }

    private var counts: [Int] = Array(repeating: 0, count: Item.allCases.count)

    package init() {}

    package subscript(item: Item) -> Int {
        get { counts[Self.position(item)] }
        set { counts[Self.position(item)] = newValue }
    }

    package mutating func add(_ other: Coverage) {
        for position in counts.indices { counts[position] += other.counts[position] }
    }

    private static let positions = Dictionary(uniqueKeysWithValues: zip(Item.allCases, 0...))

    private static func position(_ item: Item) -> Int { positions[item] ?? 0 }
}
