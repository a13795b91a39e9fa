package import TandemCore

extension API {
    package struct Conversation: Described, Equatable {
        package var id: ConversationID
        package var tenant: TenantID
        package var customer: CustomerID
        package var channel: Channel
        package var subject: String
        package var isOpen: Bool
        package var openedAt: Timestamp
        package var closedAt: Timestamp?
        package var messages: UInt64
        package var lastMessageAt: Timestamp?
        package var customerDelivered: UInt64
        package var customerRead: UInt64
        package var agentRead: UInt64

        package init(
            id: ConversationID, tenant: TenantID, customer: CustomerID, channel: Channel, subject: String,
            isOpen: Bool, openedAt: Timestamp, closedAt: Timestamp?, messages: UInt64, lastMessageAt: Timestamp?,
            customerDelivered: UInt64, customerRead: UInt64, agentRead: UInt64
        ) {
            self.id = id
            self.tenant = tenant
            self.customer = customer
            self.channel = channel
            self.subject = subject
            self.isOpen = isOpen
            self.openedAt = openedAt
            self.closedAt = closedAt
            self.messages = messages
            self.lastMessageAt = lastMessageAt
            self.customerDelivered = customerDelivered
            self.customerRead = customerRead
            self.agentRead = agentRead
        }

        package static let schemaDescription = "The thread with one customer about one matter."
        package static let schema = Schema.object([
            .required("id", .id(ConversationID.self)),
            .required("tenant", .id(TenantID.self)),
            .required("customer", .id(CustomerID.self)),
            .required("channel", .word(Channel.self)),
            .required("subject", .text),
            .required("isOpen", .boolean),
            .required("openedAt", .time),
            .optional("closedAt", .time),
            .required("messages", .count, "Messages so far; the last one has this number."),
            .optional("lastMessageAt", .time),
            .required("customerDelivered", .count, "The customer has got the messages up to this number."),
            .required("customerRead", .count, "The customer has read the messages up to this number."),
            .required("agentRead", .count, "An agent has read the messages up to this number."),
        ])
    }

    package struct Message: Described, Equatable {
        package var sequence: UInt64
        package var time: Timestamp
        package var author: Party
        package var text: String
        package init(sequence: UInt64, time: Timestamp, author: Party, text: String) {
            self.sequence = sequence
            self.time = time
            self.author = author
            self.text = text
        }
        package static let schemaDescription = "One message of a transcript."
        package static let schema = Schema.object([
            .required("sequence", .count, "Its number in the conversation, from 1, without gaps."),
            .required("time", .time),
            .required("author", .party, "`system`, `bot`, or the identifier of who wrote it."),
            .required("text", .text),
        ])
    }

    /// The envelope of every event; the other fields depend on its type and are listed in `Docs/API.md`.
    package struct EventEnvelope: Described, Equatable {
        package var position: UInt64
        package var time: Timestamp
        package var type: String
        package static var schemaName: String { "Event" }
        package static let schemaDescription = """
            Something that happened: `position` (where it stands in its partition's order), `time`, `type`, and the \
            fields of that type.
            """
        package static let schema = Schema.anything
    }
}
