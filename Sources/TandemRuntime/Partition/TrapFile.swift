internal import Glibc
package import TandemCore

/// What each partition is about to run, in shared memory that outlives the process: a trap leaves it behind.
///
/// Before a turn its input is written here, after it the slot is cleared. A slot found set at opening names the input
/// that ended the last process; an input found so twice is not run a third time. The kernel writes the pages back; a
/// power cut may lose them, a dying process cannot.
// Safe: each slot is written by its partition's executor alone; `attempts` is constant after opening, and what stands of
// them in the file is cleared word by word, each by the partition it belongs to.
package final class TrapFile: @unchecked Sendable {
    /// An input that ended a process, and how often.
    package struct Attempt: Hashable, Sendable {
        package var input: UInt64
        package var count: UInt64
        package var actor: ActorID
        package var contact: ContactID?
        /// `CommandName.code`; nil for a timer or for routing.
        package var command: UInt8?
        /// That ran it: an input that creates something names no actor that would tell.
        package var partition: UInt16
    }

    /// Attempts after which an input is quarantined.
    package static let attemptsMax: UInt64 = 2
    private static let magic: UInt64 = 0x5441_4e44_454d_5452
    private static let slotBytes = 64
    private static let attemptSlots = 64
    private static let partitionsMax = 1_024
    private static let attemptsOffset = 64 + partitionsMax * slotBytes
    private static let size = attemptsOffset + attemptSlots * slotBytes

    private let memory: UnsafeMutableRawPointer
    /// What had been tried before this process; each partition keeps its own and forgets what is settled.
    package private(set) var attempts: [Attempt] = []

    /// - Throws: `NodeError.trapFile` when the file cannot be made or mapped.
    package init(path: String) throws(NodeError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .trapFile(path: path, systemError: errno) }
        defer { close(descriptor) }
        // With room on the disk for all of it: a mapped page that has none ends the process when it is touched.
        let missing = posix_fallocate(descriptor, 0, off_t(Self.size))
        guard missing == 0 else { throw .trapFile(path: path, systemError: missing) }
        guard ftruncate(descriptor, off_t(Self.size)) == 0,
            let mapped = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            mapped != MAP_FAILED
        else { throw .trapFile(path: path, systemError: errno) }
        memory = mapped
        if memory.load(as: UInt64.self) != Self.magic {
            memset(memory, 0, Self.size)
            memory.storeBytes(of: Self.magic, as: UInt64.self)
        }
        attempts = (0..<Self.attemptSlots).compactMap { load(at: Self.attemptsOffset + $0 * Self.slotBytes) }
        for partition in 0..<Self.partitionsMax {
            let offset = 64 + partition * Self.slotBytes
            guard var found = load(at: offset) else { continue }
            found.count = 1
            found.partition = UInt16(partition)
            count(found)
            memory.storeBytes(of: 0, toByteOffset: offset, as: UInt64.self)
        }
    }

    deinit { munmap(memory, Self.size) }

    /// Says that `partition` is about to run an input. A handful of stores.
    @inline(__always)
    func begin(_ partition: UInt16, input: UInt64, actor: ActorID, contact: ContactID?, command: UInt8?) {
        let slot = memory + 64 + Int(partition) * Self.slotBytes
        slot.storeBytes(of: UInt64(actor.kind.rawValue), toByteOffset: 16, as: UInt64.self)
        slot.storeBytes(of: actor.raw, toByteOffset: 24, as: UInt64.self)
        slot.storeBytes(of: contact?.raw ?? 0, toByteOffset: 32, as: UInt64.self)
        slot.storeBytes(of: command.map { UInt64($0) } ?? 0, toByteOffset: 40, as: UInt64.self)
        slot.storeBytes(of: input, as: UInt64.self)
    }

    @inline(__always)
    func end(_ partition: UInt16) {
        memory.storeBytes(of: 0, toByteOffset: 64 + Int(partition) * Self.slotBytes, as: UInt64.self)
    }

    /// Forgets an input that is quarantined in the journal now, or that ran to its end after all.
    func forget(_ input: UInt64) {
        for place in 0..<Self.attemptSlots {
            let offset = Self.attemptsOffset + place * Self.slotBytes
            if memory.load(fromByteOffset: offset, as: UInt64.self) == input {
                memory.storeBytes(of: 0, toByteOffset: offset, as: UInt64.self)
            }
        }
    }

    private func count(_ found: Attempt) {
        if let known = attempts.firstIndex(where: { $0.input == found.input && $0.partition == found.partition }) {
            attempts[known].count += 1
        } else {
            // The oldest makes room: so many different traps are a broken build, and each is still seen twice in a row.
            if attempts.count == Self.attemptSlots { attempts.removeFirst() }
            attempts.append(found)
        }
        for place in 0..<Self.attemptSlots {
            let offset = Self.attemptsOffset + place * Self.slotBytes
            if place < attempts.count {
                store(attempts[place], at: offset)
            } else {
                memory.storeBytes(of: 0, toByteOffset: offset, as: UInt64.self)
            }
        }
    }

    private func store(_ attempt: Attempt, at offset: Int) {
        let slot = memory + offset
        slot.storeBytes(of: attempt.input, as: UInt64.self)
        slot.storeBytes(of: attempt.count, toByteOffset: 8, as: UInt64.self)
        slot.storeBytes(of: UInt64(attempt.actor.kind.rawValue), toByteOffset: 16, as: UInt64.self)
        slot.storeBytes(of: attempt.actor.raw, toByteOffset: 24, as: UInt64.self)
        slot.storeBytes(of: attempt.contact?.raw ?? 0, toByteOffset: 32, as: UInt64.self)
        slot.storeBytes(of: attempt.command.map { UInt64($0) } ?? 0, toByteOffset: 40, as: UInt64.self)
        slot.storeBytes(of: UInt64(attempt.partition), toByteOffset: 48, as: UInt64.self)
    }

    /// Nil for an empty slot, and for one that makes no sense.
    private func load(at offset: Int) -> Attempt? {
        let slot = memory + offset
        let input = slot.load(as: UInt64.self)
        let kind = slot.load(fromByteOffset: 16, as: UInt64.self)
        guard input != 0, kind < 256, let kind = ActorKind(rawValue: UInt8(kind)) else { return nil }
        let contact = slot.load(fromByteOffset: 32, as: UInt64.self)
        let command = slot.load(fromByteOffset: 40, as: UInt64.self)
        return Attempt(
            input: input, count: slot.load(fromByteOffset: 8, as: UInt64.self),
            actor: ActorID(kind: kind, raw: slot.load(fromByteOffset: 24, as: UInt64.self)),
            contact: contact == 0 ? nil : ContactID(raw: contact),
            command: command == 0 ? nil : UInt8(truncatingIfNeeded: command),
            partition: UInt16(truncatingIfNeeded: slot.load(fromByteOffset: 48, as: UInt64.self)))
    }
}
