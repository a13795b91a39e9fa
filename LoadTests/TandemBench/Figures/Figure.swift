/// One measured figure, the limit it is held against where this run measured one, and its goal where it has one.
struct Figure: Encodable {
    let name: String
    let value: Double
    let unit: String
    var limit: Double?
    /// `value / limit`.
    var ratio: Double? { limit.flatMap { $0 > 0 ? value / $0 : nil } }
    /// What the limit is, for people.
    var against: String?

    var goal: Goal? { Goal.of[name] }
    /// Nil without a goal; a goal that cannot be judged, because the limit was not measured, is not met.
    var isMet: Bool? { goal.map { $0.isMet(value: value, ratio: ratio) } }

    private enum Key: String, CodingKey {
        case name, value, unit, limit, ratio, goal, met
    }

    /// Every key is there, with null for what there is not.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(value, forKey: .value)
        try container.encode(unit, forKey: .unit)
        try container.encode(limit, forKey: .limit)
        try container.encode(ratio, forKey: .ratio)
        try container.encode(goal, forKey: .goal)
        try container.encode(isMet, forKey: .met)
    }
}
