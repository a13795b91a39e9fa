import Foundation
import TandemAPI
import TestPrograms

/// A receiver of webhooks in a process of its own, not of our making: Python's server, and Python's `hmac` for the signatures.
final class WebhookReceiver {
    static let python = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/python3" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    /// What came, in its order.
    struct Event {
        let id: String
        let status: Int64
        let isSigned: Bool
        let body: String
        let event: JSONValue
        var conversation: String { event["subject"]?.text ?? "" }
        var sequence: Int64 { event["data"]?["sequence"]?.whole ?? 0 }
    }

    let port: UInt16
    private let process = Program()
    /// It reads nothing from it but its end, which is that of the tests.
    private let life = OutputPipe()
    private let file: String

    /// - Parameters:
    ///   - secret: `whsec_` and the key in Base64
    ///   - directory: where it keeps what came
    init(secret: String, in directory: String) throws {
        file = directory + "/received.jsonl"
        process.executableURL = URL(fileURLWithPath: Self.python ?? "")
        process.arguments = ["-c", Self.script, secret, file]
        let output = OutputPipe()
        process.standardOutput = output.fileHandleForWriting
        process.standardInput = life.fileHandleForReading
        try process.run()
        let lines = LineReader()
        lines.follow(output.fileHandleForReading)
        let line = try lines.wait(seconds: 60) { $0.hasPrefix("port ") }
        guard let port = UInt16(line.dropFirst("port ".count)) else { throw Daemon.Trouble(description: line) }
        self.port = port
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    func received() throws -> [Event] {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
        return try text.split(separator: "\n").compactMap { line in
            // The last may be half written.
            guard let json = try? JSONValue(parsing: Array(line.utf8)), let body = json["body"]?.text else {
                return nil
            }
            return Event(
                id: json["id"]?.text ?? "", status: json["status"]?.whole ?? 0,
                isSigned: json["isSigned"] == .boolean(true), body: body,
                event: try JSONValue(parsing: Array(body.utf8)))
        }
    }

    /// Every ninth delivery is answered 503 the first time, every seventh is received and not answered the first time.
    private static let script = #"""
        import base64, hashlib, hmac, json, os, sys, threading, time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        key = base64.b64decode(sys.argv[1].removeprefix("whsec_"))
        out, lock, seen = open(sys.argv[2], "a"), threading.Lock(), {}

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                name, at = self.headers["webhook-id"], self.headers["webhook-timestamp"]
                mac = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
                signed = self.headers["webhook-signature"].split(",", 1)
                good = signed[0] == "v1" and hmac.compare_digest(base64.b64decode(signed[1]), mac)
                good = good and abs(time.time() - int(at)) < 300
                time.sleep(0.02)
                with lock:
                    number, times = seen.setdefault(name, (len(seen), 0))
                    seen[name] = (number, times + 1)
                    fails = number % 9 == 8 and times == 0
                    hides = number % 7 == 6 and times == 0
                    status = 503 if fails else 200
                    line = {"id": name, "status": status, "isSigned": good, "body": body.decode()}
                    out.write(json.dumps(line) + "\n")
                    out.flush()
                if hides:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        def end_with_tests():
            sys.stdin.read()
            os._exit(0)

        threading.Thread(target=end_with_tests, daemon=True).start()
        server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        print("port", server.server_address[1], flush=True)
        server.serve_forever()
        """#
}
