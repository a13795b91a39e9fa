internal import TandemJournal

/// A node's read model, read from its files as anybody may who can read them: `Docs/ReadModel.md` says what is in them.
struct NodeReadModel {
    private let stores: [UInt16: Database]

    /// - Parameter directory: of the node, which may run
    init(directory: String, partitions: [UInt16]) throws {
        var stores: [UInt16: Database] = [:]
        for partition in partitions {
            stores[partition] = try Database(
                path: "\(directory)/partition-\(partition)/state.sqlite", access: .readOnly)
        }
        self.stores = stores
    }

    /// The last entry that is in it, by partition.
    func applied() throws -> [UInt16: UInt64] {
        try stores.mapValues { UInt64(try $0.integer("SELECT applied FROM meta") ?? 0) }
    }

    /// The numbers with which a conversation's messages begin, as `LoyalLoad` writes them.
    func numbers(in line: TenantLine) throws -> [Int] {
        guard let store = stores[line.partition] else { return [] }
        let messages = try store.statement("SELECT text FROM transcripts WHERE conversation = ?")
        defer { messages.reset() }
        try messages.bind(text: line.conversation, at: 1)
        var numbers: [Int] = []
        try messages.forEachRow { row in
            // What does not begin with a number is nobody's message: 0 is not said by anybody either.
            numbers.append(Int(row.text(0).prefix { $0 != " " }) ?? 0)
        }
        return numbers
    }
}
