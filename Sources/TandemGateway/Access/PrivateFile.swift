internal import Foundation
internal import Glibc

/// A file of this node's own that is not everybody's: a private key, or secrets.
///
/// Owner and group may have rights, everybody else none. A group, since systemd shows the credentials that it hands to a
/// service as readable by one.
package enum PrivateFile {
    /// What is wrong with the file, with the option that names it; nothing that is in it.
    package struct Unusable: Error, CustomStringConvertible {
        package let description: String
        package init(description: String) { self.description = description }
    }

    /// - Parameter option: as it is typed: `--tls-key`
    package static func check(_ path: String, option: String) throws(Unusable) {
        close(try opened(path, option: option).descriptor)
    }

    /// - Parameter bytesMax: of the file
    /// - Returns: its status of before it was read: what is put in its place meanwhile has another
    static func read(
        _ path: String, option: String, bytesMax: Int
    ) throws(Unusable) -> (bytes: [UInt8], status: stat) {
        let (descriptor, status) = try opened(path, option: option)
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let data: Data
        do {
            data = try file.read(upToCount: bytesMax + 1) ?? Data()
        } catch {
            throw Unusable(description: "\(option): \(path) cannot be read: \(error.localizedDescription)")
        }
        guard data.count <= bytesMax else {
            throw Unusable(description: "\(option): \(path) has more than \(bytesMax / 1_024) KiB")
        }
        return (Array(data), status)
    }

    /// What was looked at is what is read.
    private static func opened(
        _ path: String, option: String
    ) throws(Unusable) -> (descriptor: Int32, status: stat) {
        // A pipe without a writer would keep it waiting.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            let why = String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw Unusable(description: "\(option): \(path) cannot be read: \(why)")
        }
        guard status.st_mode & 0o007 == 0 else {
            close(descriptor)
            throw Unusable(
                description:
                    "\(option): everybody on this machine can get at \(path); chmod 600 it, and use what nobody has seen"
            )
        }
        return (descriptor, status)
    }
}
