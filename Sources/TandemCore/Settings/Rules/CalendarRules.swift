extension CalendarSpec {
    /// The same hours with every list in its order.
    package var normalized: CalendarSpec {
        var spec = self
        spec.blocks.sort { ($0.weekday, $0.start, $0.end) < ($1.weekday, $1.start, $1.end) }
        for place in spec.holidays.indices {
            spec.holidays[place].blocks.sort { ($0.start, $0.end) < ($1.start, $1.end) }
        }
        spec.holidays.sort { $0.day < $1.day }
        spec.transitions.sort { $0.at < $1.at }
        return spec
    }

    /// Throws the first thing that is wrong, by the JSON name of its field; expects a normalized calendar.
    package func validate() throws(Refusal) {
        try Rules.name(name, field: "name")
        try Rules.name(zone, field: "zone")
        try Rules.count(blocks.count, atMost: Limits.calendarBlocksMax, field: "blocks")
        try Rules.count(holidays.count, atMost: Limits.calendarHolidaysMax, field: "holidays")
        try Rules.count(transitions.count, atMost: Limits.calendarTransitionsMax, field: "transitions")
        for (place, block) in blocks.enumerated() {
            try Rules.require(block.weekday < 7, field: "blocks[\(place)].weekday")
            let previous = place > 0 && blocks[place - 1].weekday == block.weekday ? blocks[place - 1] : nil
            try Self.validate(block, after: previous, field: "blocks[\(place)]")
        }
        for (place, holiday) in holidays.enumerated() {
            let field = "holidays[\(place)]"
            try Rules.require(place == 0 || holidays[place - 1].day < holiday.day, field: field + ".day")
            try Rules.count(holiday.blocks.count, atMost: Limits.calendarBlocksMax, field: field + ".blocks")
            for (index, block) in holiday.blocks.enumerated() {
                let previous = index > 0 ? holiday.blocks[index - 1] : nil
                try Self.validate(block, after: previous, field: field + ".blocks[\(index)]")
            }
        }
        for (place, transition) in transitions.enumerated() {
            let field = "transitions[\(place)]"
            try Rules.require(place == 0 || transitions[place - 1].at < transition.at, field: field + ".at")
            try Rules.require(abs(Int64(transition.offset)) <= 86_400, field: field + ".offset")
        }
    }

    /// Blocks may touch, they may not overlap.
    private static func validate(_ block: WeeklyBlock, after previous: WeeklyBlock?, field: String) throws(Refusal) {
        try Rules.require(block.end <= 1_440 && block.start < block.end, field: field + ".end")
        try Rules.require(previous.map { $0.end <= block.start } ?? true, field: field + ".start")
    }
}
