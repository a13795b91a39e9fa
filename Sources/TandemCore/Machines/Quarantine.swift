/// A partition's inputs that failed twice, newest last, until an operator has dealt with them.
package struct Quarantine: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        package var id: QuarantineID
        package var since: Timestamp
        package var input: QuarantinedInput
        package init(id: QuarantineID, since: Timestamp, input: QuarantinedInput) {
            self.id = id
            self.since = since
            self.input = input
        }
    }
    package let partition: UInt16
    package internal(set) var items: [Item]
    package init(partition: UInt16, items: [Item]) {
        self.partition = partition
        self.items = items
    }
}
