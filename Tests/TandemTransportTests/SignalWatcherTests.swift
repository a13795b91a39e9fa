import Glibc
import TandemTransport
import Testing

@Suite("A signal watcher")
struct SignalWatcherTests {
    @Test("Each signal becomes one call on the loop")
    func signals() throws {
        let loop = try EventLoop(name: "signals")
        loop.start()
        let seen = Log<ProcessSignal>()
        let done = Gate()
        _ = try SignalWatcher(on: loop) { signal in
            #expect(loop.isCurrent)
            seen.append(signal)
            if seen.all.count == 3 { done.open() }
        }
        // To the loop's own thread, which blocks all signals: the test process has others that would end it.
        loop.run {
            for number in [SIGTERM, SIGHUP, SIGINT] { pthread_kill(pthread_self(), number) }
        }
        done.wait()
        loop.stop()
        #expect(Set(seen.all) == Set(ProcessSignal.allCases))
    }
}
