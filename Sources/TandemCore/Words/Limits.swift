/// Bounds on what a command may carry; over one of them it is refused with `limitExceeded` and the field's name.
/// Below them what one turn, and what one message between nodes, may hold.
package enum Limits {
    /// UTF-8 bytes of one message: longer texts belong into an attachment.
    package static let messageBytesMax = 16_384
    package static let nameBytesMax = 256
    package static let tagsMax = 32
    package static let skillsPerAgentMax = 64
    package static let skillsPerContactMax = 16
    package static let queuesPerAgentMax = 64
    package static let rulesPerPolicyMax = 64
    package static let stepsPerRuleMax = 16
    package static let operationsPerStepMax = 8
    /// Conditions nest this deep at most, and a rule holds this many.
    package static let conditionDepthMax = 8
    package static let conditionsPerRuleMax = 64
    package static let preferredPerStepMax = 64
    package static let targetsPerPolicyMax = 64
    /// Parts of one tenant's record, which is copied whole into the state's file when it changes.
    package static let skillsPerTenantMax = 1_024
    package static let calendarsPerTenantMax = 64
    package static let policiesPerTenantMax = 256
    /// Score per second in thousandths: a second then outweighs every ordinary boost.
    package static let ageingWeightMax: UInt32 = 1_000_000
    package static let calendarBlocksMax = 64
    package static let calendarHolidaysMax = 1_024
    package static let calendarTransitionsMax = 512
    /// Agents whose rejection of a contact is remembered at once, newest kept.
    package static let declinesMax = 64
    /// UTF-8 bytes of a bot's reason for handing over.
    package static let noteBytesMax = 1_024
    /// Legs of one conversation at once: the original, its consultations, and those still in wrap-up.
    package static let legsOpenMax = 4
    /// External message ids remembered by a conversation, newest kept.
    package static let externalIDsMax = 1_024
    /// Of these, what it still remembers once neither side has written for `externalIDsQuiet`.
    package static let externalIDsKept = 64
    package static let externalIDsQuiet = Milliseconds.minutes(10)
    package static let externalIDBytesMax = 128
    /// Past runs that a clock remembers, newest kept: each pause ends one.
    package static let clockRunsMax = 32
    /// Past clocks that one command applies a policy to; each gives two events at most.
    package static let clocksPerApplicationMax = 128
    package static let sessionsPerAgentMax = 8
    package static let quarantinedMax = 1_024
    package static let webhooksPerTenantMax = 8
    package static let webhookURLBytesMax = 2_048
    /// Attempts of one delivery to one webhook, over some six hours; then it is given up.
    package static let deliveryAttemptsMax: UInt16 = 12
    /// Open deliveries to one webhook, all of them in memory; what happens beyond them it is not told.
    package static let deliveriesPerWebhookMax = 10_000
    /// Steps of one turn, then it is broken off as an invariant's breach.
    package static let turnStepsMax = 256
    /// Offers made in one turn; the rest follows in a turn of its own.
    package static let turnOffersMax = 64
    package static let turnEventsMax = 1_000
    package static let turnEventBytesMax = 1_048_576
    /// Slots of one channel that a profile may grant.
    package static let slotsMax: UInt8 = 100
    /// Slots of all channels together: what a lost agent gives back in one turn, within its steps.
    package static let slotsPerAgentMax = 100
    package static let durationMax = Milliseconds.hours(24 * 366)
    /// Voters and learners of one group together: what `RaftLimits.members` may be.
    package static let raftMembersMax = 15
    /// Bytes of one entry's command: a turn's events and what the log adds; `RaftLimits.entryBytes`.
    package static let raftCommandBytesMax = 2 << 20
    /// Entries of one append: `RaftLimits.messageEntries`.
    package static let raftAppendEntriesMax = 4_096
    /// Bytes of one part of a snapshot: `RaftLimits.partBytes`.
    package static let raftPartBytesMax = 1 << 20
    /// Bytes of one message between nodes: the largest entry alone, and room for the fields around it.
    package static let raftMessageBytesMax = raftCommandBytesMax + 1_024
    /// Of indexes, terms, offsets and rounds: adding to what was received then never overflows, and the journal's
    /// signed columns hold it.
    package static let raftCounterMax = UInt64.max >> 2
}
