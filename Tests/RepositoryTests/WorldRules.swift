/// Who may touch the world: SQLite, sockets, time, chance, suspension.
enum WorldRules {
    static func sqlite(in file: SwiftFile) -> [Finding] {
        lacking(.sqlite, in: file) { index in
            file.code[index].text.hasPrefix("sqlite3_") || file.code[index].text.hasPrefix("SQLITE_")
        }
    }

    static func sockets(in file: SwiftFile) -> [Finding] {
        let calls: Set<String> = [
            "socket", "socketpair", "accept4", "setsockopt", "getsockopt", "getsockname", "getpeername", "getaddrinfo",
            "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg", "inet_pton", "inet_ntop",
        ]
        let socketFindings = lacking(.sockets, in: file) { index in
            let name = file.code[index].text
            if name.hasPrefix("sockaddr") || name.hasPrefix("AF_INET") || name.hasPrefix("SOCK_") { return true }
            return calls.contains(name) && file.isSymbol("(", at: index + 1) && file.isFree(at: index)
        }
        let tlsFindings = lacking(.tls, in: file) { index in
            ["SSL_", "TLS_", "BIO_", "DTLS_"].contains { file.code[index].text.hasPrefix($0) }
        }
        let epollFindings = lacking(.epoll, in: file) { index in
            let name = file.code[index].text
            return name.hasPrefix("epoll_") || name.hasPrefix("EPOLL")
        }
        let descriptorFindings = lacking(.descriptors, in: file) { index in
            let name = file.code[index].text
            let isCall = ["eventfd", "signalfd"].contains(name) && file.isSymbol("(", at: index + 1)
            return isCall || name.hasPrefix("timerfd_")
        }
        return socketFindings + tlsFindings + epollFindings + descriptorFindings
    }

    /// `async`, `await`, `Task` and task groups.
    static func suspension(in file: SwiftFile) -> [Finding] {
        let words = lacking(.suspension, in: file) { index in
            ["async", "await"].contains(file.code[index].text) && !file.isSymbol(".", at: index - 1)
                && !file.isSymbol(":", at: index + 1)
        }
        let groups: Set<String> = [
            "withTaskGroup", "withThrowingTaskGroup", "withDiscardingTaskGroup", "withThrowingDiscardingTaskGroup",
        ]
        let tasks = lacking(.tasks, in: file) { index in
            if groups.contains(file.code[index].text) { return true }
            return file.code[index].text == "Task" && !file.isSymbol(".", at: index - 1)
                && ["{", "(", ".", "<"].contains { file.isSymbol($0, at: index + 1) }
        }
        return words + tasks
    }

    static func actors(in file: SwiftFile) -> [Finding] {
        let executors = lacking(.executors, in: file) { index in
            ["SerialExecutor", "TaskExecutor"].contains(file.code[index].text)
        }
        let actors = lacking(.actors, in: file) { index in
            if file.code[index].text == "globalActor" { return true }
            guard file.code[index].text == "actor", let name = file.token(index + 1), name.kind == .word else {
                return false
            }
            return name.text.first?.isUppercase == true
                && (["{", ":", "<"].contains { file.isSymbol($0, at: index + 2) }
                    || file.token(index + 2)?.isWord("where") == true)
        }
        return actors + executors
    }

    /// Clocks and dice in rooms that get time and chance as arguments.
    static func purity(in file: SwiftFile) -> [Finding] {
        guard file.room?.isPure == true else { return [] }
        let chance: Set<String> = ["random", "randomElement", "shuffled", "shuffle", "UUID", "arc4random", "getrandom"]
        let clocks: Set<String> = ["Date", "ContinuousClock", "SuspendingClock", "clock_gettime", "gettimeofday"]
        return file.indexes { $0.kind == .word }.compactMap { index in
            let name = file.code[index].text
            let isCall = file.isSymbol("(", at: index + 1) && file.token(index - 1)?.isWord("func") != true
            if clocks.contains(name), isCall || file.isSymbol(".", at: index + 1) {
                return file.finding(index, "\(name): time is an argument in \(file.room?.name ?? "")")
            }
            if name == "SystemRandomNumberGenerator" || name == "hashValue" || (chance.contains(name) && isCall) {
                return file.finding(index, "\(name): chance is an argument in \(file.room?.name ?? "")")
            }
            if name.hasSuffix("Clock"), file.isSymbol(".", at: index + 1), file.token(index + 2)?.isWord("now") == true,
                name.first?.isUppercase == true
            {
                return file.finding(index, "\(name).now: time is an argument in \(file.room?.name ?? "")")
            }
            return nil
        }
    }

    /// A test that sleeps is slow when it passes and wrong when the machine is busy.
    static func sleep(in file: SwiftFile) -> [Finding] {
        guard file.isTest else { return [] }
        let calls: Set<String> = ["sleep", "usleep", "nanosleep", "clock_nanosleep"]
        return file.indexes { $0.kind == .word && calls.contains($0.text) }.compactMap { index in
            guard file.isSymbol("(", at: index + 1), file.token(index - 1)?.isWord("func") != true else { return nil }
            return file.finding(index, "a test must not \(file.code[index].text): wait for what is to happen")
        }
    }

    private static func lacking(_ power: Room.Power, in file: SwiftFile, where touches: (Int) -> Bool) -> [Finding] {
        guard let room = file.room, !room.powers.contains(power) else { return [] }
        return file.indexes { $0.kind == .word }.filter(touches).map { index in
            file.finding(index, "\(file.code[index].text): \(room.name) has no business with \(power)")
        }
    }
}
