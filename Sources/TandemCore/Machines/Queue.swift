/// An ordered waiting set's rules and figures; who waits is in the routing indexes, derived from the contacts.
package struct Queue: Hashable, Sendable {
    /// What happened in one half hour.
    package struct Bucket: Hashable, Sendable {
        /// Half hours since 1970.
        package var halfHour: Int64
        package var offered: UInt32 = 0
        package var answered: UInt32 = 0
        package var answeredInTarget: UInt32 = 0
        package var abandoned: UInt32 = 0
        package var abandonedInTarget: UInt32 = 0
        package var shortAbandoned: UInt32 = 0
        package var handled: UInt32 = 0
        package var handleTime = Milliseconds.zero
        package init(halfHour: Int64) { self.halfHour = halfHour }
    }

    package let id: QueueID
    /// Nil: absent.
    package internal(set) var tenant: TenantID?
    package internal(set) var version: UInt32
    package internal(set) var settings: QueueSettings
    /// Rising, sparse, eight days at most.
    package internal(set) var buckets: [Bucket]

    package init(id: QueueID, tenant: TenantID?, version: UInt32, settings: QueueSettings, buckets: [Bucket]) {
        self.id = id
        self.tenant = tenant
        self.version = version
        self.settings = settings
        self.buckets = buckets
    }
}
