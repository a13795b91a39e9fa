/// What is replicated in a run of Raft alone: a few registers that clients write to, and a digest of everything that was
/// ever written. Applied to the same entries it must be the same everywhere.
struct Registers: Equatable {
    private(set) var values: [UInt64]
    private(set) var counts: [UInt64]
    private var history = Fingerprint()

    static let count = 4

    init() {
        values = Array(repeating: 0, count: Self.count)
        counts = values
    }

    mutating func apply(_ command: [UInt8]) {
        guard let write = RegisterWrite(decoding: command) else { return }
        values[write.register] = write.operation
        counts[write.register] += 1
        history.add(command)
    }

    var digest: UInt64 {
        var fingerprint = Fingerprint()
        for position in 0..<Self.count {
            fingerprint.add(values[position])
            fingerprint.add(counts[position])
        }
        fingerprint.add(history.value)
        return fingerprint.value
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        for number in values + counts + [history.value] { bytes += ByteOrder.bytes(number) }
        return bytes
    }

    init?(decoding bytes: [UInt8]) {
        let numbers = 2 * Self.count + 1
        guard bytes.count == 8 * numbers else { return nil }
        let decoded = (0..<numbers).map { ByteOrder.number(bytes, at: 8 * $0) }
        values = Array(decoded[..<Self.count])
        counts = Array(decoded[Self.count..<(2 * Self.count)])
        history = Fingerprint(value: decoded[numbers - 1])
    }
}

/// The command of a client: its operation's number becomes a register's value.
struct RegisterWrite: Equatable {
    let operation: UInt64
    let register: Int

    init(operation: UInt64, register: Int) {
        self.operation = operation
        self.register = register
    }

    init?(decoding bytes: [UInt8]) {
        guard bytes.count >= 9, Int(bytes[8]) < Registers.count else { return nil }
        operation = ByteOrder.number(bytes, at: 0)
        register = Int(bytes[8])
    }

    /// Filled up with bytes that mean nothing, so that entries differ in size.
    func encoded(padding: Int) -> [UInt8] {
        ByteOrder.bytes(operation) + [UInt8(register)] + Array(repeating: 0x2E, count: padding)
    }
}

enum ByteOrder {
    static func bytes(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }

    static func number(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
    }
}
