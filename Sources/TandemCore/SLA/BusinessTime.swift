// Business time: what a calendar's open hours make of the world's time.
//
// A moment is open when the local civil time it shows lies in a block of its local date. So a block in the hour that is
// skipped when clocks go forward is never open, and one in the hour that is repeated when they go back is open twice.
extension BusinessCalendar {
    package func isOpen(at moment: Timestamp) -> Bool {
        let offset = offset(of: period(at: moment))
        return CivilHours(spec: spec).isOpen(at: moment.milliseconds.addingSaturated(offset))
    }

    /// Open time from one moment (inclusive) to a later one (exclusive); zero when they are the wrong way round.
    package func elapsed(from start: Timestamp, to end: Timestamp) -> Milliseconds {
        let hours = CivilHours(spec: spec)
        var sum: Int64 = 0
        var place = period(at: start)
        var from = start.milliseconds
        while from < end.milliseconds {
            let until = min(end.milliseconds, self.end(of: place))
            let offset = offset(of: place)
            sum = sum.addingSaturated(
                hours.measure(from: from.addingSaturated(offset), to: until.addingSaturated(offset)))
            place += 1
            from = max(from, until)
            if place >= spec.transitions.count { break }
        }
        return Milliseconds(max(0, sum))
    }

    /// The earliest moment at which `business` of open time has passed; `start` itself when there is none to pass, and
    /// `.distantFuture` when the calendar is never open for that long.
    ///
    /// It may be the end of a block: a promise that runs out as the doors close is due then, not in the morning.
    package func add(_ business: Milliseconds, to start: Timestamp) -> Timestamp {
        guard business > .zero else { return start }
        let hours = CivilHours(spec: spec)
        var rest = business.count
        var place = period(at: start)
        var from = start.milliseconds
        repeat {
            let until = end(of: place)
            let offset = offset(of: place)
            let local = from.addingSaturated(offset)
            let localEnd = until.addingSaturated(offset)
            let open = hours.measure(from: local, to: localEnd)
            if open >= rest {
                let found = hours.moment(after: rest, from: local, before: localEnd)
                return found == .max ? .distantFuture : Timestamp(milliseconds: found.subtractingSaturated(offset))
            }
            rest -= max(0, open)
            from = max(from, until)
            place += 1
        } while place < spec.transitions.count
        return .distantFuture
    }

    /// The place of the transition that holds at a moment; the first holds for all time before it, too.
    private func period(at moment: Timestamp) -> Int {
        var low = 0
        var high = spec.transitions.count
        while low < high {
            let middle = (low + high) / 2
            if spec.transitions[middle].at <= moment { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }

    /// Local time less UTC in a period, in milliseconds; without any transition local time is UTC.
    private func offset(of place: Int) -> Int64 {
        place < spec.transitions.count ? Int64(spec.transitions[place].offset) * 1_000 : 0
    }

    private func end(of place: Int) -> Int64 {
        place + 1 < spec.transitions.count ? spec.transitions[place + 1].at.milliseconds : .max
    }
}
