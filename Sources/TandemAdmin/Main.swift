internal import Foundation
internal import TandemAPI

/// `tandem`: the operator's command line. Data goes to standard output, everything else to standard error.
@main
enum Main {
    static func main() {
        let environment = ProcessInfo.processInfo.environment
        do throws(CommandLineWords.Mistake) {
            let (verb, line) = try CommandLineWords.parse(
                Array(CommandLine.arguments.dropFirst()), environment: environment)
            run(verb, line, environment)
        } catch {
            switch error {
            case .help: print(Help.text)
            case .wrong(let what): end("\(what)\ntandem --help lists the commands", status: 2)
            }
        }
    }

    private static func run(_ verb: Verb, _ line: CommandLineWords, _ environment: [String: String]) {
        if let program = verb.program { end(Neighbour(program).become(Neighbour.arguments(verb, line)), status: 1) }
        do throws(Asking.Failure) {
            let bytes = try Asking(line: line, environment: environment).ask(verb)
            let answer = try? JSONValue(parsing: bytes)
            if line.json {
                print(String(decoding: bytes, as: UTF8.self))
            } else if let answer {
                print(Printing(verb: verb).text(answer))
            } else {
                end("the node's answer is not JSON", status: 1)
            }
            exit(answer.map(verb.exitStatus) ?? 0)
        } catch {
            end(error.description, status: 1)
        }
    }

    private static func end(_ message: String, status: Int32) -> Never {
        FileHandle.standardError.write(Data("tandem: \(message)\n".utf8))
        exit(status)
    }
}
