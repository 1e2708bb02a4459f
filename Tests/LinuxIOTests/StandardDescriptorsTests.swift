import Glibc
import LinuxIO
import Testing

@Suite struct StandardDescriptorsTests {
  @Test func `those that are closed are filled and the others left alone`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      // Whether a descriptor is what the test has put there, and not /dev/null.
      func isOurs(_ number: Int32) -> Bool {
        var status = stat()
        return fstat(number, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      }
      let folder = open("/", O_RDONLY | O_DIRECTORY)
      for kept: Int32 in 0...2 {
        for number: Int32 in 0...2 where number != kept { close(number) }
        dup2(folder, kept)
        try StandardDescriptors.fillGaps()
        let next = open("/", O_RDONLY)
        guard next > 2, isOurs(kept) else { exit(1) }
        close(next)
        for number: Int32 in 0...2 where number != kept {
          guard fcntl(number, F_GETFD) == 0, !isOurs(number), write(number, "x", 1) == 1 else { exit(2) }
        }
      }
      exit(7)
    }
  }
}
