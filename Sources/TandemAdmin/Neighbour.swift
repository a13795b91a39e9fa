internal import Foundation
internal import Glibc

/// A program of the same build, in the same folder as this one.
struct Neighbour {
    let name: String

    init(_ name: String) { self.name = name }

    /// What the program gets for a verb: the verb's last word as a flag, with the argument, and the options as they are named.
    static func arguments(_ verb: Verb, _ line: CommandLineWords) -> [String] {
        ["--" + (verb.words.last ?? "")] + line.arguments
            + verb.options.flatMap { option in line.options[option.name].map { ["--\(option.name)", $0] } ?? [] }
    }

    /// This process goes on as that program, in the same place, with the same environment and the same descriptors.
    ///
    /// - Returns: why it did not.
    func become(_ arguments: [String]) -> String {
        guard let own = Self.ownPath, let slash = own.lastIndex(of: "/") else {
            return "it is not known where this program is: run \(name) \(Self.typed(arguments))"
        }
        let path = own[...slash] + name
        var words: [UnsafeMutablePointer<CChar>?] = ([String(path)] + arguments).map { strdup($0) }
        words.append(nil)
        execv(String(path), &words)
        let why = String(cString: strerror(errno))
        for word in words { free(word) }
        return "\(path) cannot be run (\(why)): where it is, run \(name) \(Self.typed(arguments))"
    }

    private static func typed(_ arguments: [String]) -> String { arguments.joined(separator: " ") }

    private static var ownPath: String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }
}
