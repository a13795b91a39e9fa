/// One thing a client asked for, from its first try to its last word, over however many nodes and connections.
struct Operation: Equatable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// A conversation was opened with its first message.
        case open
        /// A message was posted.
        case post
        /// An agent took an offer.
        case accept
        /// An agent ended a contact.
        case end
        /// An agent finished his wrap-up.
        case wrapUp

        /// It leaves a text in a transcript.
        var leavesText: Bool { self == .open || self == .post }
    }

    enum Outcome: String, CaseIterable, Sendable {
        /// A node has acknowledged it.
        case ok
        /// Every try was answered with a refusal: nothing was done.
        case refused
        /// At least one try had no answer, and none was acknowledged: it was done once or not at all.
        case unknown
    }

    /// Whose it is: a client does one thing after the other, but for messages over a WebSocket, of which it has several
    /// under way, in the order of their numbers.
    let process: String
    let kind: Kind
    /// The idempotency key, or the frame's id; unique in a run.
    let key: String
    let partition: Int
    let tenant: String
    /// The conversation it is about; of an `open` the one it made, once that is known.
    var conversation: String?
    /// What was to be said, of `open` and `post`; unique in a run.
    var text: String?
    /// The contact it is about, of an agent's.
    var contact: String?
    /// Others act on the same thing and may be faster: a contact that an agent ends while its customer writes.
    var isContended = false
    /// When it was first tried and when it was over, in nanoseconds of the machine's monotonic clock.
    let invoked: UInt64
    var returned: UInt64 = 0
    var outcome = Outcome.unknown
    /// The code of the last refusal.
    var code: String?
    /// The message's number in its conversation, as it was acknowledged.
    var sequence: Int64?
    /// Who gave the last answer; nil: nobody.
    var node: Int?
    var tries = 0

    /// Its text as a member of a JSON object. The texts of a run need no escapes.
    var textMember: String { "\"text\":\"\(text ?? "")\"" }
}
