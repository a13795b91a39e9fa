/// What an identifier names; its prefix makes the written form tell its kind.
package protocol IdentifierKind: Sendable {
    static var prefix: StaticString { get }
}

/// A typed 64-bit identifier, sortable by time of creation, that carries its partition.
///
/// From the highest bit: 42 bits of milliseconds since 1970, 12 bits of sequence, 10 bits of partition. Identifiers
/// of one partition are unique across all kinds. Zero is never minted.
package struct Identifier<Kind: IdentifierKind>: Hashable, Comparable, Sendable {
    package let raw: UInt64

    @inlinable
    package init(raw: UInt64) {
        self.raw = raw
    }

    /// The partition that owns what is named.
    @inlinable
    package var partition: UInt16 { UInt16(truncatingIfNeeded: raw & IDMinter.partitionMask) }

    /// The journaled millisecond of creation.
    package var time: Timestamp {
        Timestamp(milliseconds: Int64(raw >> (IDMinter.partitionBits + IDMinter.sequenceBits)))
    }

    @inlinable
    package static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }
}

package enum TenantKind: IdentifierKind { package static var prefix: StaticString { "ten" } }
package enum QueueKind: IdentifierKind { package static var prefix: StaticString { "que" } }
package enum AgentKind: IdentifierKind { package static var prefix: StaticString { "agt" } }
package enum CustomerKind: IdentifierKind { package static var prefix: StaticString { "cus" } }
package enum ConversationKind: IdentifierKind { package static var prefix: StaticString { "cnv" } }
package enum ContactKind: IdentifierKind { package static var prefix: StaticString { "con" } }
package enum OfferKind: IdentifierKind { package static var prefix: StaticString { "off" } }
package enum CredentialKind: IdentifierKind { package static var prefix: StaticString { "crd" } }
package enum CalendarKind: IdentifierKind { package static var prefix: StaticString { "cal" } }
package enum RoutingPolicyKind: IdentifierKind { package static var prefix: StaticString { "rop" } }
package enum SLAPolicyKind: IdentifierKind { package static var prefix: StaticString { "slp" } }
package enum QuarantineKind: IdentifierKind { package static var prefix: StaticString { "qua" } }
package enum SkillKind: IdentifierKind { package static var prefix: StaticString { "skl" } }
package enum WebhookKind: IdentifierKind { package static var prefix: StaticString { "whk" } }
package enum DeliveryKind: IdentifierKind { package static var prefix: StaticString { "dlv" } }

package typealias TenantID = Identifier<TenantKind>
package typealias QueueID = Identifier<QueueKind>
package typealias AgentID = Identifier<AgentKind>
package typealias CustomerID = Identifier<CustomerKind>
package typealias ConversationID = Identifier<ConversationKind>
package typealias ContactID = Identifier<ContactKind>
package typealias OfferID = Identifier<OfferKind>
package typealias CredentialID = Identifier<CredentialKind>
package typealias CalendarID = Identifier<CalendarKind>
package typealias RoutingPolicyID = Identifier<RoutingPolicyKind>
package typealias SLAPolicyID = Identifier<SLAPolicyKind>
package typealias QuarantineID = Identifier<QuarantineKind>
package typealias SkillID = Identifier<SkillKind>
package typealias WebhookID = Identifier<WebhookKind>
package typealias DeliveryID = Identifier<DeliveryKind>

/// Makes a partition's identifiers: strictly rising, at least the journaled time, at most 4,096 a millisecond before
/// they run ahead of it.
package struct IDMinter: Equatable, Sendable {
    @usableFromInline static let partitionBits: UInt64 = 10
    @usableFromInline static let sequenceBits: UInt64 = 12
    @usableFromInline static let partitionMask: UInt64 = (1 << 10) - 1

    package let partition: UInt16
    /// The largest `last` that fits into an identifier.
    package static let lastMax: UInt64 = .max >> partitionBits
    /// Time and sequence of the last identifier, without the partition; journaled with every entry.
    package private(set) var last: UInt64

    package init(partition: UInt16, last: UInt64 = 0) {
        precondition(UInt64(partition) <= Self.partitionMask)
        self.partition = partition
        self.last = last
    }

    /// Whether an identifier was not given yet, as far as this minter knows.
    package func isNew(_ raw: UInt64) -> Bool { raw >> Self.partitionBits > last }

    package mutating func next<Kind>(at now: Timestamp) -> Identifier<Kind> {
        let floor = UInt64(max(0, now.milliseconds)) << Self.sequenceBits
        last = max(last &+ 1, floor)
        return Identifier(raw: last << Self.partitionBits | UInt64(partition))
    }
}
