internal import CLinux
internal import Foundation
internal import Glibc

/// Which of the machine's cores a process may use.
enum Core {
    /// Of the machine, as this process finds it.
    static var count: Int { Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    /// Binds all threads of a process, and those that they start from now on.
    static func bind(_ process: pid_t, to cores: Range<Int>) throws {
        precondition(cores.upperBound <= 64, "one word of the mask is enough")
        let mask = cores.reduce(into: UInt64(0)) { $0 |= 1 << $1 }
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task") {
            guard let thread = pid_t(name) else { continue }
            // A thread may end meanwhile.
            guard tandem_bind_thread(thread, mask) == 0 || errno == ESRCH else {
                throw Trouble(description: "process \(process) cannot be bound to cores \(cores): \(errno)")
            }
        }
    }
}
