import Foundation
import TandemAPI
import TandemTransport
import TestPrograms
import Testing

/// Programs of others against a real node. Those that are not installed are not asked.
@Suite("Foreign clients", .serialized)
struct ForeignTests {
    /// Python with `websockets`; `Tests/run` looks for one.
    private static let python = ProcessInfo.processInfo.environment["TANDEM_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }
    private static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(
        "Python's websockets finds the protocol kept: echo, fragments, control frames, limits, close codes",
        .enabled(if: Self.python != nil, "TANDEM_PYTHON names no Python with `websockets`"))
    func websockets() throws {
        let daemon = try Daemon(["--conformance"])
        try daemon.start()
        let url = "ws://127.0.0.1:\(daemon.port)/conformance/echo"
        let run = try ProgramRun(Self.python ?? "", ["-c", Self.script, url])
        let said = run.output
        #expect(run.status == 0, "\(said)")
        let count = said.split(separator: "\n").count { $0.hasPrefix("ok: ") }
        #expect(count == 68, "\(said)")
        #expect(daemon.terminate() == 0)
    }

    @Test(
        "promtool has nothing to say against the metrics",
        .enabled(if: Self.promtool != nil, "promtool is not installed"))
    func metrics() throws {
        let daemon = try Daemon()
        try daemon.start()
        let demo = try Demo(daemon)
        try demo.arrive("sales", token: demo.customer).live.ask("message", "\"text\":\"Hello\"")
        let page = daemon.directory + "/metrics.txt"
        try Data(daemon.send("GET", "/metrics").body).write(to: URL(fileURLWithPath: page))
        let run = try ProgramRun(
            "/bin/sh", ["-c", "exec \"$0\" check metrics <\"$1\"", Self.promtool ?? "", page])
        #expect(run.status == 0 && run.output.isEmpty, "\(run.output)")
        #expect(daemon.terminate() == 0)
    }

    /// Prints a line for each check that passed; ends with 1 at the first that did not.
    private static let script = #"""
        import os, sys
        from websockets.sync.client import connect
        from websockets.exceptions import ConnectionClosed
        from websockets.frames import Opcode

        url, limit = sys.argv[1], 1 << 20

        def check(condition, what):
            if not condition:
                sys.exit("failed: " + what)
            print("ok:", what)

        def closed(send, code, what):
            """What the server closes with after `send`."""
            with connect(url, max_size=None) as socket:
                try:
                    send(socket)
                    socket.recv(timeout=20)
                    got = "an answer"
                except ConnectionClosed as error:
                    got = error.rcvd.code if error.rcvd else "nothing"
                check(got == code, f"{what}: {got}, expected {code}")

        def raw(socket, data):
            socket.socket.sendall(data)

        def frame(opcode, data, fin=True, mask=True, reserved=0):
            size = len(data)
            length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
            head = bytes([fin << 7 | reserved << 4 | opcode, mask << 7 | length[0]]) + length[1:]
            return head + (b"\0\0\0\0" if mask else b"") + data

        with connect(url, max_size=None, compression="deflate") as socket:
            check(not socket.protocol.extensions, "compression is offered and not taken")
            check(socket.subprotocol is None, "no subprotocol")
            for text in ["", "a", "κόσμε 😀", "x" * 125, "x" * 126, "x" * 65535, "x" * 65536, "y" * limit]:
                socket.send(text)
                check(socket.recv(timeout=20) == text, f"echo of {len(text)} characters")
            for size in [0, 1, 125, 126, 127, 128, 65535, 65536, limit]:
                data = os.urandom(size)
                socket.send(data)
                check(socket.recv(timeout=20) == data, f"echo of {size} bytes")
            socket.send(["frag", "", "men", "ted ", "ü"])
            check(socket.recv(timeout=20) == "fragmented ü", "a fragmented text")
            socket.send(os.urandom(1000) for _ in range(100))
            check(len(socket.recv(timeout=20)) == 100_000, "a hundred fragments")
            check(socket.ping(b"x" * 125).wait(20), "a ping of 125 bytes is answered")
            # A ping between the fragments of one message, and a character cut in the middle.
            raw(socket, frame(Opcode.TEXT, b"\xf0\x9f", fin=False))
            check(socket.ping("between").wait(20), "a ping between fragments is answered before they are whole")
            raw(socket, frame(Opcode.CONT, b"\x98\x80"))
            check(socket.recv(timeout=20) == "😀", "a character cut by a fragment")
            for _ in range(1000):
                socket.send("again")
            check(all(socket.recv(timeout=20) == "again" for _ in range(1000)), "a thousand at once, in order")
            for pieces in (1, 3, 7):  # Chopped into pieces of a few bytes.
                data = frame(Opcode.TEXT, "chopped ü".encode())
                for start in range(0, len(data), pieces):
                    raw(socket, data[start:start + pieces])
                check(socket.recv(timeout=20) == "chopped ü", f"frames in pieces of {pieces}")
            raw(socket, frame(Opcode.PONG, b"unasked"))
            socket.send("after")
            check(socket.recv(timeout=20) == "after", "an unasked pong is passed over")

        closed(lambda s: s.send("z" * (limit + 1)), 1009, "a text that is too long")
        closed(lambda s: s.send([b"z" * limit, b"z"]), 1009, "fragments that are too long together")
        closed(lambda s: raw(s, frame(Opcode.TEXT, b"\xce\xba\xff")), 1007, "text that is no UTF-8")
        closed(lambda s: raw(s, frame(Opcode.TEXT, b"\xed\xa0\x80", fin=False)), 1007, "a surrogate, before the text is whole")
        closed(lambda s: raw(s, frame(Opcode.TEXT, b"a", mask=False)), 1002, "a frame without a mask")
        closed(lambda s: raw(s, frame(Opcode.TEXT, b"a", reserved=4)), 1002, "a reserved bit")
        closed(lambda s: raw(s, frame(Opcode.CONT, b"a")), 1002, "a continuation of nothing")
        closed(lambda s: raw(s, frame(Opcode.TEXT, b"a", fin=False) + frame(Opcode.TEXT, b"b")), 1002, "a text inside a text")
        closed(lambda s: raw(s, frame(Opcode.PING, b"a" * 126)), 1002, "a ping that is too long")
        closed(lambda s: raw(s, frame(Opcode.PING, b"a", fin=False)), 1002, "a ping in fragments")
        closed(lambda s: raw(s, b"\x83\x80\x00\x00\x00\x00"), 1002, "an unknown opcode")
        closed(lambda s: raw(s, b"\x8b\x80\x00\x00\x00\x00"), 1002, "an unknown control opcode")
        closed(lambda s: raw(s, frame(Opcode.CLOSE, b"\x03")), 1002, "a close of one byte")
        closed(lambda s: raw(s, frame(Opcode.CLOSE, b"\x03\xe8\xff")), 1007, "a close whose reason is no UTF-8")
        for code in (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535):
            closed(lambda s: raw(s, frame(Opcode.CLOSE, code.to_bytes(2, "big"))), 1002, f"bad close code {code}")
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
            closed(lambda s: raw(s, frame(Opcode.CLOSE, code.to_bytes(2, "big") + b"bye")), code, f"close code {code}")
        with connect(url) as socket:
            raw(socket, frame(Opcode.CLOSE, b""))
            try:
                socket.recv(timeout=20)
            except ConnectionClosed as error:
                check(error.rcvd is not None and error.rcvd.code in (1000, 1005), "an empty close")
        """#
}
