internal import Glibc
internal import TandemRuntime

/// The machine's clocks, the wall clock set forward or back by what a file holds: milliseconds, 8 bytes in the machine's
/// order.
/// For drills: the file is mapped, so that who writes into it steps this node's clock and no other.
// Safe: the memory is mapped for the life of the process; it is written by others, and every value is one.
final class SteppedClock: NodeClock, @unchecked Sendable {
    private let clock = SystemClock()
    private let step: UnsafePointer<Int64>

    struct NotMapped: Error, CustomStringConvertible {
        let description: String
    }

    init(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw NotMapped(description: "\(path) cannot be opened") }
        defer { close(descriptor) }
        let size = MemoryLayout<Int64>.size
        guard lseek(descriptor, 0, SEEK_END) == size,
            let memory = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0),
            memory != MAP_FAILED
        else { throw NotMapped(description: "\(path) is no file of \(size) bytes") }
        step = UnsafePointer(memory.assumingMemoryBound(to: Int64.self))
    }

    func monotonic() -> UInt64 { clock.monotonic() }

    func wall() -> Int64 { clock.wall() &+ step.pointee }
}
