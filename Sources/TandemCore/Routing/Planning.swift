/// What a waiting contact asks, and when that changes: the policy of its queue, walked by the contact's age.
///
/// A step of a rule ends when the age reaches the sum of the lengths up to it. What a contact asks in a step follows
/// from the contact, the rule and the step's place alone: its own skills and its queue, then for each step up to there
/// the step's queue and skills, and for each step that is over its operations. So nothing has to be remembered when a
/// contact comes back from an offer, and walking again gives the same.
package enum Planning {
    /// The contact as its policy sees it.
    package struct Subject: Sendable {
        package var contact: ContactID
        package var queue: QueueID
        package var channel: Channel
        package var tags: [String]
        package var tier: Tier
        package var skills: [SkillLevel]
        /// The contact's own: what steps add is found again by walking them.
        package var priority: UInt8
        package var boost: Int32
        package var preferredAgent: AgentID?
        package var lastAgent: AgentID?
        package var lastHandledAt: Timestamp?
        package var ageSince: Timestamp

        package init(
            contact: ContactID, queue: QueueID, channel: Channel, tags: [String], tier: Tier, skills: [SkillLevel],
            priority: UInt8, boost: Int32, preferredAgent: AgentID?, lastAgent: AgentID?, lastHandledAt: Timestamp?,
            ageSince: Timestamp
        ) {
            self.contact = contact
            self.queue = queue
            self.channel = channel
            self.tags = tags
            self.tier = tier
            self.skills = skills
            self.priority = priority
            self.boost = boost
            self.preferredAgent = preferredAgent
            self.lastAgent = lastAgent
            self.lastHandledAt = lastHandledAt
            self.ageSince = ageSince
        }
    }

    package enum Advance: Hashable, Sendable {
        /// Priority and boost are the subject's own, unchanged: the order key holds what the steps add.
        case wait(Waiting, priority: UInt8, boost: Int32)
        case overflow(QueueID)
        case callback
        case close(message: String)
    }

    /// `Waiting.step` while a contact is kept for one agent, outside its policy.
    package static let keptStep: UInt8 = .max
    /// `Waiting.rule` where none of the policy's rules matches.
    package static let noRule: UInt8 = .max
    /// What a step that was over when it began still lasts where it ends in leaving the queue: two queues that overflow
    /// into one another cost a turn a second, not all there are.
    package static let overdueStay = Milliseconds.seconds(1)

    /// The first step a contact waits in, by the queue's policy (no policy: one endless step).
    ///
    /// A step that is over at the contact's age is passed, with its operations; one that ends in leaving the queue is
    /// not, and expires after `overdueStay`. `atHead` puts the contact before every class. `only` keeps it for that
    /// agent, whatever queues he serves and skills he has, as long as an offer in this queue rings; then the policy
    /// follows. An agent who is logged out is not waited for, but at the head: who lost his connection with the contact
    /// in hand comes back, unless it was a hand that logged him out, his connection standing. Without a policy the
    /// preferred agent of the contact is tried in the same way, if he fits.
    package static func enter(_ subject: Subject, atHead: Bool, only: AgentID?, _ turn: TurnContext) -> Waiting {
        let course = Course(subject, atHead: atHead, rule: nil, turn)
        if let only, course.isLoggedIn(only) || atHead && course.isCutOff(only) {
            return course.kept(for: only, anywhere: true)
        }
        if course.steps.isEmpty, let preferred = subject.preferredAgent, course.isLoggedIn(preferred) {
            return course.kept(for: preferred, anywhere: false)
        }
        return course.place(after: nil).waiting
    }

    /// What an expired step leads to: its operations in order, then the next step.
    ///
    /// The rule is kept as long as the policy is the same version; else its rules are asked again.
    package static func advance(_ subject: Subject, from waiting: Waiting, _ turn: TurnContext) -> Advance {
        let atHead = waiting.order.priority == 0
        let course = Course(subject, atHead: atHead, rule: waiting, turn)
        let place = course.place(after: course.follows(waiting) ? Int(waiting.step) : nil)
        switch place.end {
        case nil: return .wait(place.waiting, priority: subject.priority, boost: subject.boost)
        case .overflow(let queue): return .overflow(queue)
        case .callback: return .callback
        case .close(let message): return .close(message: message)
        }
    }
}

extension Planning {
    /// A way out of the queue.
    enum Exit: Hashable {
        case overflow(QueueID)
        case callback
        case close(message: String)
    }

    /// What a contact asks at one place of its policy.
    struct Asking {
        var pools: [QueueID]
        var skills: [SkillLevel]
        var priority: UInt8
        var boost: Int64

        init(_ subject: Subject) {
            pools = [subject.queue]
            skills = subject.skills
            priority = min(max(subject.priority, 1), 9)
            boost = Int64(subject.boost)
        }

        mutating func begin(_ step: RoutingStep) {
            if let queue = step.queue { pools = [queue] }
            for asked in step.skills { raise(asked) }
        }

        /// In order, up to the first that leads out of the queue.
        mutating func perform(_ operations: [RoutingOperation]) -> Exit? {
            for operation in operations {
                switch operation {
                case .lowerLevel(let skill, let by):
                    guard let place = skills.firstIndex(where: { $0.skill == skill }) else { continue }
                    let level = skills[place].level
                    skills[place] = SkillLevel(skill, level > by ? level - by : min(level, 1))
                case .dropSkill(let skill): skills.removeAll { $0.skill == skill }
                case .widen(let queue): if !pools.contains(queue) { pools.append(queue) }
                case .raisePriority(let by): priority = priority > by ? max(1, priority - by) : 1
                case .boost(let gain): boost += Int64(gain)
                case .overflow(let queue): return .overflow(queue)
                case .offerCallback: return .callback
                case .close(let message): return .close(message: message)
                }
            }
            return nil
        }

        private mutating func raise(_ asked: SkillLevel) {
            let place = skills.firstIndex { $0.skill >= asked.skill } ?? skills.endIndex
            if place < skills.endIndex, skills[place].skill == asked.skill {
                skills[place] = max(skills[place], asked)
            } else {
                skills.insert(asked, at: place)
            }
        }
    }
}

extension OrderKey {
    /// The place of a contact with `boost` points of score in a queue with this ageing weight; no weight counts as
    /// a millionth of a point a second, so that boosts decide and then the age. Saturates.
    package init(priority: UInt8, ageSince: Timestamp, boost: Int64, weight: UInt32, contact: ContactID) {
        let gained = boost.multipliedSaturated(by: weight == 0 ? 1_000_000_000 : 1_000_000) / Int64(max(weight, 1))
        self.init(
            priority: priority, virtual: ageSince.milliseconds.subtractingSaturated(gained), sequence: contact.raw)
    }
}
